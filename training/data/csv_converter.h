// SPDX-License-Identifier: Apache-2.0
// The fields of a CSV record as numbers.
#pragma once
#include <assay/training/data/csv_categories.h>
#include <assay/training/data/csv_columns.h>
#include <assay/training/data/csv_reader.h>

#include <cstddef>
#include <cstdint>
#include <string>

#pragma GCC visibility push(hidden)
namespace assay::training {

/// Converts fields of the record that a reader read last; errors name its file, line and column.
class CsvConverter {
 public:
  /// `greatest` is the greatest number of the type that numbers will have.
  CsvConverter(const CsvReader& reader, const CsvColumns& columns, double greatest)
      : reader_(reader), columns_(columns), greatest_(greatest) {}

  /// Errors: ValueError where the text is no finite number of that type; `hint` is added to it.
  double number(std::size_t place, const char* hint = "") const;

  /// Errors: ValueError where the text is not one of those that are given.
  std::int64_t category(std::size_t place, CsvCategories& categories) const;

  /// Throws "digits.csv:17: column 'p3': problem".
  [[noreturn]] void fail(std::size_t place, const std::string& problem) const;

 private:
  const CsvReader& reader_;
  const CsvColumns& columns_;
  double greatest_;
};

}  // namespace assay::training
#pragma GCC visibility pop
