// SPDX-License-Identifier: Apache-2.0
// Pieces of a page that needs no network and no JavaScript.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace assay::training::report {

/// Text in which HTML's own characters are escaped.
std::string escaped(std::string_view text);

/// A whole document: a title, styles for light and dark, the body as it is given.
std::string page(std::string_view title, std::string_view body);

/// A table whose first row is its head; cells are HTML.
std::string table(const std::vector<std::vector<std::string>>& rows);

/// Four significant digits.
std::string short_number(double value);

}  // namespace assay::training::report
