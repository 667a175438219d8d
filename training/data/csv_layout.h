// SPDX-License-Identifier: Apache-2.0
// Which columns of a CSV file are features, label and weight.
#pragma once
#include <assay/training/data/csv_categories.h>
#include <assay/training/data/csv_columns.h>
#include <assay/training/data/csv_table.h>
#include <assay/training/data/dataset.h>

#include <cstddef>
#include <map>
#include <optional>
#include <vector>

#pragma GCC visibility push(hidden)
namespace assay::training {

/// What each column is for. It refers to the columns, which must live as long.
class CsvLayout {
 public:
  /// A column that is a feature.
  struct Feature {
    std::size_t place;                    ///< of the column, from 0
    CsvCategories* categories = nullptr;  ///< null for numbers
  };

  /// Errors: ValueError for a column that does not exist or has two uses, and for a categorical
  /// column that is no feature.
  CsvLayout(const CsvColumns& columns, const CsvTableOptions& options);
  CsvLayout(const CsvLayout&) = delete;
  CsvLayout& operator=(const CsvLayout&) = delete;

  /// The column of the labels; nothing: none.
  const std::optional<std::size_t>& label() const { return label_; }
  /// The column of the sample weights; nothing: none.
  const std::optional<std::size_t>& weight() const { return weight_; }
  /// The features, in the order of `x`.
  const std::vector<Feature>& features() const { return features_; }

  /// Names of the features, and the texts of the categorical ones.
  DatasetNames names() const;

 private:
  std::size_t claim(const CsvColumn& column, const char* use);
  void make_categorical(const CsvCategorical::Entry& entry);

  const CsvColumns& columns_;
  std::map<std::size_t, const char*> uses_;
  std::optional<std::size_t> label_;
  std::optional<std::size_t> weight_;
  std::vector<Feature> features_;
  std::map<std::size_t, CsvCategories> categories_;
};

}  // namespace assay::training
#pragma GCC visibility pop
