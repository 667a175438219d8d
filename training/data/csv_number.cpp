// SPDX-License-Identifier: Apache-2.0
#include <assay/training/data/csv_number.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace assay::training {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t'; }

// std::from_chars takes a minus, but no plus.
std::string_view without_plus(std::string_view text) {
  const bool plus = text.size() > 1 && text[0] == '+' && text[1] != '-';
  return plus ? text.substr(1) : text;
}

// The power of ten of a number's first digit other than 0, for numbers that have one.
double decimal_exponent(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const auto mantissa = text.substr(0, text.find_first_of("eE"));
  const auto point = std::min(mantissa.find('.'), mantissa.size());
  const auto first = mantissa.find_first_of("123456789");
  double exponent = 0;
  if (mantissa.size() < text.size()) {
    const auto digits = without_plus(text.substr(mantissa.size() + 1));
    std::int64_t given = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), given);
    exponent = error == std::errc()      ? static_cast<double>(given)
               : digits.starts_with('-') ? -HUGE_VAL
                                         : HUGE_VAL;
  }
  return exponent + static_cast<double>(point) - static_cast<double>(first);
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<double> parse_number(std::string_view text) {
  text = without_plus(trimmed(text));
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size()) return std::nullopt;
  // Out of range are numbers too large, and numbers nearer to 0 than any but 0.
  if (error == std::errc::result_out_of_range && decimal_exponent(text) < 0) return 0.0;
  if (error != std::errc() || !std::isfinite(value)) return std::nullopt;
  return value;
}

bool written_as_integer(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace assay::training
