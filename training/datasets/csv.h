// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/core/options/fields.h>
#include <assay/training/data/csv_options.h>
#include <assay/training/data/csv_table.h>
#include <assay/training/data/dataset.h>
#include <assay/training/data/relative_paths.h>
#include <c10/core/ScalarType.h>

namespace assay::training::datasets {

/// Options of `CSV`.
struct CSVOptions {
  static constexpr auto class_name = "CSV";
  Path path = {};
  std::optional<CsvColumn> label = std::nullopt;
  CsvLabelType label_type = CsvLabelType::kAuto;
  std::optional<std::vector<std::string>> classes = std::nullopt;
  std::optional<std::vector<CsvColumn>> features = std::nullopt;
  CsvCategorical categorical = {};
  std::optional<CsvColumn> weight = std::nullopt;
  CsvMissing missing = {};
  std::vector<std::string> missing_values = {"", "NA", "N/A", "NaN", "nan", "null", "NULL"};
  bool header = true;
  std::string delimiter = ",";
  at::ScalarType dtype = at::kFloat;
  std::optional<bool> in_memory = std::nullopt;

  static constexpr auto fields() {
    using O = CSVOptions;
    return assay::fields(
        field("path", &O::path, "The file, gzipped or not.", given_path),
        field("label", &O::label, "Column of the labels, by name or number; null: no labels."),
        field("label_type", &O::label_type,
              "auto: by the first row, a number or a category. Numbers that are all written as "
              "integers are then integers."),
        field("classes", &O::classes,
              "The texts of the labels 0, 1 ...; null: those that occur, sorted."),
        field("features", &O::features,
              "Columns of the features, in this order; null: all but label and weight."),
        field("categorical", &O::categorical,
              "Features that are texts: a list of columns, or an object of columns and their texts "
              "in the order of their numbers."),
        field("weight", &O::weight, "Column of the sample weights; null: no weights."),
        field("missing", &O::missing,
              "What becomes of a row with a missing value: error, drop, or a number to put in the "
              "place of a missing feature."),
        field("missing_values", &O::missing_values, "The texts that stand for a missing value."),
        field("header", &O::header, "Whether the first line names the columns."),
        field("delimiter", &O::delimiter, "The character between fields.",
              {[](const std::string& text) { return text.size() == 1; }, "one character"}),
        field("dtype", &O::dtype, "Type of features, weights and labels that are numbers.",
              {[](const at::ScalarType& type) { return type == at::kFloat || type == at::kDouble; },
               "float32 or float64"}),
        field("in_memory", &O::in_memory,
              "Whether the numbers are kept in memory; false: in a file without a name, in the "
              "folder TMPDIR or /var/tmp; null: in memory if they need no more than 1 GiB."));
  }
};

/// Rows of a CSV file (RFC 4180) as samples: x [rows, features], y [rows], sample_weight [rows].
///
///     datasets::get(R"({"class_name": "csv", "config": {"path": "digits.csv", "label":
///     "label"}})")
///
/// The file is read once, a piece at a time. The numbers are then in memory, or, with `in_memory`
/// false or where there are many, in a file on the disk that is gone with the process, from which
/// rows are read when they are asked for: the same rows to the last bit. The file may be gzipped,
/// and may change later, either way. Numbers are read as in the C locale, whatever the program's.
/// Labels that are texts become their place among all texts,
/// sorted; `names()` gives the texts, for reading further files with `classes` and `categorical`.
///
/// Errors: ValueError with file, line and column ("digits.csv:17: column 'p3': 'abc' is not a
/// number"): for what is no finite number, a missing value, an unknown category, a row that is
/// longer or shorter than the first, broken quotes; and for a column that does not exist or has two
/// uses, a name that stands twice in the header, a file that cannot be read, has no rows, or
/// changes while it is read. c10::Error where the numbers do not fit on the disk.
class CSV final : public Dataset {
 public:
  /// The plain struct with the dataset's options.
  using Options = CSVOptions;
  /// Opens or reads the file. Errors: see the class, and ValueError for an option out of its range.
  explicit CSV(const Options& given);

  std::int64_t size() const override { return table_.rows->size(); }
  Batch rows(const std::vector<std::int64_t>& indices) const override {
    return table_.rows->rows(indices);
  }
  DatasetNames names() const override { return table_.rows->names(); }

  /// Whether the numbers are in memory, and not in a file.
  bool in_memory() const { return table_.in_memory; }

  /// Rows left out since a value was missing.
  std::int64_t dropped_rows() const { return table_.dropped_rows; }

 private:
  CsvTable table_;
};

}  // namespace assay::training::datasets
