// SPDX-License-Identifier: Apache-2.0
// Types of CSV options, each with its JSON.
#pragma once
#include <assay/core/options/json.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace assay::training {

/// A column by its name in the header, or by its number from 0; -1 is the last.
struct CsvColumn {
  CsvColumn() = default;
  ///@{
  /// Options are written as names or numbers: `.label = "label"`, `.label = -1`.
  CsvColumn(std::string name) : name(std::move(name)) {}
  CsvColumn(const char* name) : name(name) {}
  CsvColumn(std::int64_t index) : index(index) {}
  CsvColumn(int index) : index(index) {}
  ///@}

  std::string name = {};                             ///< In the header; unused where `index` is.
  std::optional<std::int64_t> index = std::nullopt;  ///< From 0, or from the end as -1, -2 ...
};

/// What becomes of a row with a missing value: "error", "drop", or a number to put in its place.
struct CsvMissing {
  /// What is done.
  enum class Action {
    kError,  ///< The file is refused.
    kDrop,   ///< The row is left out.
    kFill,   ///< The value is put in its place.
  };

  ///@{
  /// One of the three.
  static CsvMissing error() { return {}; }
  static CsvMissing drop() { return {Action::kDrop, 0}; }
  static CsvMissing fill(double value) { return {Action::kFill, value}; }
  ///@}

  Action action = Action::kError;  ///< Where a value is missing.
  double value = 0;                ///< With kFill: what stands in its place.
};

/// Feature columns of texts. In JSON a list of columns, or an object of lists: the texts of each
/// column in the order of their numbers; null, or a list of columns, stands for the texts that
/// occur, sorted.
struct CsvCategorical {
  /// One of the columns.
  struct Entry {
    CsvColumn column;  ///< A feature.
    /// The texts of 0, 1 ...; nothing: those that occur, sorted.
    std::optional<std::vector<std::string>> categories = std::nullopt;
  };
  std::vector<Entry> entries = {};  ///< In any order.
};

/// What a label is.
enum class CsvLabelType {
  kAuto,      ///< by the first row: a number or a category
  kInteger,   ///< int64
  kNumber,    ///< the dtype of the features
  kCategory,  ///< int64, the place of the text among all texts, sorted
};

///@{
/// The options' JSON, as their types say; a label's is "auto", "integer", "number" or "category".
Json write_value(const CsvColumn& value);
Json write_value(const CsvMissing& value);
Json write_value(const CsvCategorical& value);
Json write_value(CsvLabelType value);

void read_value(const Json& in, CsvColumn& value, const std::string& path);
void read_value(const Json& in, CsvMissing& value, const std::string& path);
void read_value(const Json& in, CsvCategorical& value, const std::string& path);
void read_value(const Json& in, CsvLabelType& value, const std::string& path);

Json value_schema(const CsvColumn*);
Json value_schema(const CsvMissing*);
Json value_schema(const CsvCategorical*);
Json value_schema(const CsvLabelType*);
///@}

}  // namespace assay::training
