// SPDX-License-Identifier: Apache-2.0
#include <assay/training/data/csv_layout.h>
#include <c10/util/Exception.h>

#include <algorithm>

namespace assay::training {

CsvLayout::CsvLayout(const CsvColumns& columns, const CsvTableOptions& options)
    : columns_(columns) {
  if (options.label) label_ = claim(*options.label, "label");
  if (options.weight) weight_ = claim(*options.weight, "weight");
  if (options.features) {
    for (const auto& column : *options.features) features_.push_back({claim(column, "features")});
  } else {
    for (std::size_t place = 0; place < columns.size(); ++place) {
      if (!uses_.contains(place)) features_.push_back({place});
    }
  }
  for (const auto& entry : options.categorical.entries) make_categorical(entry);
}

DatasetNames CsvLayout::names() const {
  DatasetNames names;
  for (const auto& [place, categories] : features_) {
    names.features.push_back(columns_.name(place));
    names.categories.push_back(categories ? categories->texts() : std::vector<std::string>());
  }
  return names;
}

std::size_t CsvLayout::claim(const CsvColumn& column, const char* use) {
  const auto place = columns_.place(column, use);
  const auto [taken, fresh] = uses_.emplace(place, use);
  TORCH_CHECK_VALUE(fresh, use, ": ", columns_.shown(place), " is used by ", taken->second,
                    " already; expected one use a column");
  return place;
}

void CsvLayout::make_categorical(const CsvCategorical::Entry& entry) {
  const auto place = columns_.place(entry.column, "categorical");
  const auto found = std::ranges::find(features_, place, &Feature::place);
  TORCH_CHECK_VALUE(found != features_.end(), "categorical: ", columns_.shown(place),
                    " is no feature; expected one of the features");
  TORCH_CHECK_VALUE(!found->categories, "categorical: ", columns_.shown(place),
                    " stands there twice");
  const auto [at, fresh] =
      categories_.try_emplace(place, entry.categories, "categorical: " + columns_.shown(place));
  found->categories = &at->second;
}

}  // namespace assay::training
