// SPDX-License-Identifier: Apache-2.0
#include <assay/core/options/names.h>
#include <assay/training/data/csv_converter.h>
#include <assay/training/data/csv_number.h>
#include <c10/util/Exception.h>

#include <cmath>
#include <cstdlib>

namespace assay::training {
namespace {

constexpr std::size_t kShownField = 50;
constexpr std::size_t kShownTexts = 1000;

std::string in_quotes(std::string_view text) {
  const char* cut = text.size() > kShownField ? "..." : "";
  return "'" + std::string(text.substr(0, kShownField)) + cut + "'";
}

}  // namespace

double CsvConverter::number(std::size_t place, const char* hint) const {
  const auto text = reader_.fields()[place].text;
  const auto value = parse_number(text);
  if (!value) fail(place, in_quotes(text) + " is not a finite number" + hint);
  if (std::abs(*value) > greatest_) fail(place, in_quotes(text) + " is too large for float32");
  return *value;
}

std::int64_t CsvConverter::category(std::size_t place, CsvCategories& categories) const {
  const auto text = reader_.fields()[place].text;
  const auto number = categories.number(text);
  if (!number) {
    fail(place, in_quotes(text) + " is not one of the given texts: " +
                    join(categories.texts()).substr(0, kShownTexts));
  }
  return *number;
}

void CsvConverter::fail(std::size_t place, const std::string& problem) const {
  TORCH_CHECK_VALUE(false, reader_.where(reader_.fields()[place].line), ": ", columns_.shown(place),
                    ": ", problem);
  std::abort();
}

}  // namespace assay::training
