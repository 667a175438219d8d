// SPDX-License-Identifier: Apache-2.0
// How often TensorBoard reports inside an epoch.
#pragma once
#include <assay/training/callbacks/save_frequency.h>

namespace assay::training::callbacks {

/// "epoch", "batch" (as 1), or every so many batches.
/// Source: keras.callbacks.TensorBoard (`update_freq`).
struct UpdateFrequency : SaveFrequency {
  UpdateFrequency() = default;
  /// The option is written as a number: `.update_freq = 100`.
  UpdateFrequency(std::int64_t batches) : SaveFrequency(batches) {}
};

/// For the `update_freq` option.
inline constexpr Constraint<UpdateFrequency> valid_update_frequency{
    [](const UpdateFrequency& frequency) { return frequency.batches >= 0; },
    "batch, epoch, or an integer of at least 1"};

///@{
/// In JSON "epoch", "batch" or an integer of at least 1; it is written as a SaveFrequency.
void read_value(const Json& in, UpdateFrequency& value, const std::string& path);
Json value_schema(const UpdateFrequency*);
///@}

}  // namespace assay::training::callbacks
