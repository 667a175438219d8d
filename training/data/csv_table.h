// SPDX-License-Identifier: Apache-2.0
// A CSV file as tensors.
#pragma once
#include <assay/training/data/csv_options.h>
#include <assay/training/data/dataset.h>
#include <c10/core/ScalarType.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace assay::training {

/// What is read from a file, and how; datasets::CSVOptions says what each option means.
struct CsvTableOptions {
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
};

struct CsvTable {
  Batch all;
  DatasetNames names;
  std::int64_t dropped_rows = 0;
};

/// Errors: ValueError, as datasets::CSV says.
CsvTable read_csv(const CsvTableOptions& options);

}  // namespace assay::training
