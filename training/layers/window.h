// SPDX-License-Identifier: Apache-2.0
// Options of layers that move a window over a picture.
#pragma once
#include <assay/core/options/fields.h>
#include <assay/core/options/json.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace assay::training::layers {

/// Two numbers, for height and width. In JSON one integer for both, or a list of two.
struct Pair {
  ///@{
  /// Options are written as numbers: `.kernel_size = 3`, `.kernel_size = {3, 5}`.
  Pair(std::int64_t both = 0) : values{both, both} {}
  Pair(std::int64_t height, std::int64_t width) : values{height, width} {}
  ///@}
  /// Whether both numbers are the same.
  bool operator==(const Pair&) const = default;

  std::array<std::int64_t, 2> values;  ///< Height, width.
};

/// A pair, or "same". In JSON also "valid", which is 0.
struct Padding {
  ///@{
  /// Zeros on each side.
  Padding(std::int64_t both = 0) : pair(both) {}
  Padding(Pair pair) : pair(pair) {}
  ///@}
  /// As many zeros as keep height and width; the stride must then be 1.
  static Padding same() {
    Padding padding;
    padding.is_same = true;
    return padding;
  }

  Pair pair;             ///< Zeros on each side, where it is not "same".
  bool is_same = false;  ///< Whether it is "same".
};

///@{
/// The rules for windows; the text is the one in errors.
inline constexpr Constraint<Pair> pair_at_least_one{
    [](const Pair& pair) { return pair.values[0] >= 1 && pair.values[1] >= 1; },
    "an integer of at least 1, or two of them"};
inline constexpr Constraint<Pair> pair_at_least_zero{
    [](const Pair& pair) { return pair.values[0] >= 0 && pair.values[1] >= 0; },
    "an integer of at least 0, or two of them"};
inline constexpr Constraint<std::optional<Pair>> stride_or_null{
    [](const std::optional<Pair>& pair) { return !pair || pair_at_least_one.holds(*pair); },
    "an integer of at least 1, two of them, or null"};
inline constexpr Constraint<Padding> padding_at_least_zero{
    [](const Padding& padding) { return pair_at_least_zero.holds(padding.pair); },
    "an integer of at least 0, two of them, \"valid\" or \"same\""};
///@}

///@{
/// In JSON an integer or a list of two; a padding also "same" or "valid".
Json write_value(const Pair& value);
Json write_value(const Padding& value);
void read_value(const Json& in, Pair& value, const std::string& path);
void read_value(const Json& in, Padding& value, const std::string& path);
Json value_schema(const Pair*);
Json value_schema(const Padding*);
///@}

}  // namespace assay::training::layers
