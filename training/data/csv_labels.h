// SPDX-License-Identifier: Apache-2.0
// The labels of a CSV file.
#pragma once
#include <assay/training/data/csv_categories.h>
#include <assay/training/data/csv_converter.h>
#include <assay/training/data/csv_records.h>
#include <assay/training/data/csv_table.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#pragma GCC visibility push(hidden)
namespace assay::training {

/// The labels of all rows as numbers, whose type may be found out on the way.
class CsvLabels {
 public:
  /// Errors: ValueError where a class is given twice.
  explicit CsvLabels(const CsvTableOptions& options);

  /// The number of a record's label, for now. Errors: ValueError where it has not the type of
  /// labels.
  double number(const CsvConverter& convert, std::string_view text, std::size_t place);

  /// Sets what labels become once all are known.
  void tell(CsvFinalNumbers& numbers) const;

  /// The texts of the labels 0, 1 ...; empty for numbers.
  std::vector<std::string> classes() const { return categories_.texts(); }

 private:
  CsvLabelType type_;
  bool auto_;
  CsvCategories categories_;
  at::ScalarType dtype_;
  bool all_integers_ = true;
};

}  // namespace assay::training
#pragma GCC visibility pop
