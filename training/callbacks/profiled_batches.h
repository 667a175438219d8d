// SPDX-License-Identifier: Apache-2.0
// Which batches TensorBoard profiles.
#pragma once
#include <assay/core/options/fields.h>
#include <assay/core/options/json.h>

#include <cstdint>
#include <string>

namespace assay::training::callbacks {

/// The first and the last batch, counted from 1; 0: none. In JSON one number, [first, last], or
/// "first,last". Source: keras.callbacks.TensorBoard (`profile_batch`).
struct ProfiledBatches {
  ProfiledBatches() = default;  ///< None.
  /// One batch.
  ProfiledBatches(std::int64_t batch) : first(batch), last(batch) {}
  /// From `first` to `last`.
  ProfiledBatches(std::int64_t first, std::int64_t last) : first(first), last(last) {}

  /// Whether nothing is profiled.
  bool none() const { return first == 0; }

  std::int64_t first = 0;  ///< The first batch.
  std::int64_t last = 0;   ///< The last batch.
};

/// For the `profile_batch` option.
inline constexpr Constraint<ProfiledBatches> valid_profiled_batches{
    [](const ProfiledBatches& batches) {
      return batches.first >= (batches.last == 0 ? 0 : 1) && batches.last >= batches.first;
    },
    "a batch, 0 for none, or the first and the last of several, such as [10, 20]"};

///@{
/// In JSON a number, [first, last], or text that is read as such.
Json write_value(const ProfiledBatches& value);
void read_value(const Json& in, ProfiledBatches& value, const std::string& path);
Json value_schema(const ProfiledBatches*);
///@}

}  // namespace assay::training::callbacks
