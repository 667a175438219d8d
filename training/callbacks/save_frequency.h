// SPDX-License-Identifier: Apache-2.0
// When a callback saves.
#pragma once
#include <assay/core/options/fields.h>
#include <assay/core/options/json.h>

#include <cstdint>
#include <string>

namespace assay::training::callbacks {

/// "epoch", or every so many batches. Source: keras.callbacks (`save_freq`).
struct SaveFrequency {
  SaveFrequency() = default;
  /// The option is written as a number: `.save_freq = 100`.
  SaveFrequency(std::int64_t batches) : batches(batches) {}

  /// Whether it is "epoch".
  bool each_epoch() const { return batches == 0; }
  std::int64_t batches = 0;  ///< 0: each epoch.
};

/// For the `save_freq` option.
inline constexpr Constraint<SaveFrequency> valid_save_frequency{
    [](const SaveFrequency& frequency) { return frequency.batches >= 0; },
    "epoch, or an integer of at least 1"};

///@{
/// In JSON "epoch" or an integer of at least 1.
Json write_value(const SaveFrequency& value);
void read_value(const Json& in, SaveFrequency& value, const std::string& path);
Json value_schema(const SaveFrequency*);
///@}

}  // namespace assay::training::callbacks
