// SPDX-License-Identifier: Apache-2.0
// Numbers as CSV files write them.
#pragma once
#include <optional>
#include <string_view>

namespace assay::training {

/// The text without spaces and tabs around it.
std::string_view trimmed(std::string_view text);

/// The nearest double, or nothing where the text is no decimal number or none that a double holds.
/// A sign may stand first, spaces and tabs around it. Independent of the locale.
std::optional<double> parse_number(std::string_view text);

/// Whether a number is written as an integer: a sign or none, and digits.
bool written_as_integer(std::string_view text);

}  // namespace assay::training
