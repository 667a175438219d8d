// SPDX-License-Identifier: Apache-2.0
// A CSV file as samples.
#pragma once
#include <assay/training/data/csv_options.h>
#include <assay/training/data/dataset.h>
#include <c10/core/ScalarType.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace assay::training {

/// What is read from a file, and how.
struct CsvTableOptions {
  ///@{
  /// The option of that name of datasets::CSVOptions.
  std::filesystem::path path;
  std::optional<CsvColumn> label;
  CsvLabelType label_type = CsvLabelType::kAuto;
  std::optional<std::vector<std::string>> classes;
  std::optional<std::vector<CsvColumn>> features;
  CsvCategorical categorical;
  std::optional<CsvColumn> weight;
  CsvMissing missing;
  std::vector<std::string> missing_values;
  bool header = true;
  char delimiter = ',';
  at::ScalarType dtype = at::kFloat;
  std::optional<bool> in_memory;
  ///@}
};

/// A file that was read.
struct CsvTable {
  std::shared_ptr<const Dataset> rows;  ///< All rows, in order.
  bool in_memory = true;                ///< Whether they are, or else in a scratch file.
  std::int64_t dropped_rows = 0;        ///< Rows left out since a value was missing.
};

/// Errors: ValueError, as datasets::CSV says.
CsvTable read_csv(const CsvTableOptions& options);

}  // namespace assay::training
