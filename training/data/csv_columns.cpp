// SPDX-License-Identifier: Apache-2.0
#include <assay/core/options/names.h>
#include <assay/training/data/csv_columns.h>
#include <assay/training/data/csv_reader.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <set>

namespace assay::training {

CsvColumns::CsvColumns(const CsvReader& reader, bool header)
    : file_(reader.path().string()), header_(header) {
  std::set<std::string_view> seen;
  for (const auto& [text, line] : reader.fields()) {
    names_.emplace_back(header ? text : "");
    TORCH_CHECK_VALUE(!header || seen.insert(text).second, reader.where(line), ": the column '",
                      names_.back(), "' stands twice in the header");
  }
}

std::size_t CsvColumns::place(const CsvColumn& column, const char* option) const {
  const auto count = static_cast<std::int64_t>(names_.size());
  if (column.index) {
    TORCH_CHECK_VALUE(*column.index >= -count && *column.index < count, file_, ": ", option,
                      " is column ", *column.index, ", but there are ", count,
                      " columns; expected a number in [", -count, ", ", count, ")");
    return static_cast<std::size_t>(*column.index < 0 ? *column.index + count : *column.index);
  }
  TORCH_CHECK_VALUE(header_, file_, ": ", option, " is the column '", column.name,
                    "', but without a header columns have no names; expected a number");
  const auto found = std::ranges::find(names_, column.name);
  TORCH_CHECK_VALUE(found != names_.end(), file_, ": ", option, ": there is no column '",
                    column.name, "'.", did_you_mean(column.name, names_),
                    " Columns: ", join(names_).substr(0, 1000));
  return static_cast<std::size_t>(found - names_.begin());
}

std::string CsvColumns::name(std::size_t place) const {
  return header_ ? names_[place] : "column " + std::to_string(place);
}

std::string CsvColumns::shown(std::size_t place) const {
  return header_ ? "column '" + names_[place] + "'" : name(place);
}

}  // namespace assay::training
