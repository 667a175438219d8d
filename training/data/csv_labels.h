// SPDX-License-Identifier: Apache-2.0
// The labels of a CSV file.
#pragma once
#include <assay/training/data/csv_categories.h>
#include <assay/training/data/csv_converter.h>
#include <assay/training/data/csv_table.h>
#include <assay/training/data/row_blocks.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace assay::training {

/// The labels of all rows, whose type may be found out on the way.
class CsvLabels {
 public:
  /// Errors: ValueError where a class is given twice.
  explicit CsvLabels(const CsvTableOptions& options);

  /// Adds the label of a record. Errors: ValueError where it has not the type of labels.
  void add(const CsvConverter& convert, std::string_view text, std::size_t place);

  /// The labels, which are gone then.
  at::Tensor take();

  /// The texts of the labels 0, 1 ...; empty for numbers.
  std::vector<std::string> classes() const { return categories_.texts(); }

 private:
  CsvLabelType type_;
  bool auto_;
  CsvCategories categories_;
  at::ScalarType dtype_;
  bool all_integers_ = true;
  RowBlocks<double> values_{1};
};

}  // namespace assay::training
