// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/training/data/csv_converter.h>
#include <assay/training/data/csv_labels.h>
#include <assay/training/data/csv_layout.h>
#include <assay/training/data/csv_missing_texts.h>
#include <assay/training/data/csv_reader.h>
#include <assay/training/data/csv_table.h>
#include <assay/training/data/row_blocks.h>
#include <c10/util/Exception.h>

#include <limits>
#include <vector>

namespace assay::training {
namespace {

template <class T>
class TableReader {
 public:
  TableReader(CsvReader& reader, const CsvColumns& columns, const CsvTableOptions& options)
      : reader_(reader),
        columns_(columns),
        layout_(columns, options),
        convert_(reader, columns, static_cast<double>(std::numeric_limits<T>::max())),
        missing_(options.missing),
        missing_texts_(options.missing_values),
        labels_(options),
        features_(static_cast<std::int64_t>(layout_.features().size())),
        row_(layout_.features().size()) {
    TORCH_CHECK_VALUE(!row_.empty(), reader.path().string(),
                      ": no column is left for features; expected at least one");
  }

  void add_record() {
    const auto& fields = reader_.fields();
    TORCH_CHECK_VALUE(fields.size() == columns_.size(), reader_.where(reader_.line()), ": has ",
                      fields.size(), " fields; expected ", columns_.size(),
                      ", as the first row has");
    if (!has_all_values()) {
      ++dropped_rows_;
      return;
    }
    for (std::size_t i = 0; i < row_.size(); ++i) row_[i] = static_cast<T>(feature(i));
    if (layout_.label()) labels_.add(convert_, fields[*layout_.label()].text, *layout_.label());
    if (layout_.weight()) {
      const auto weight = static_cast<T>(convert_.number(*layout_.weight()));
      weights_.add({&weight, 1});
    }
    features_.add(row_);
  }

  CsvTable take() {
    TORCH_CHECK_VALUE(features_.rows() > 0, reader_.path().string(), ": has no rows",
                      dropped_rows_ > 0 ? " but those with missing values" : "",
                      "; expected at least one");
    CsvTable table;
    table.dropped_rows = dropped_rows_;
    table.names = layout_.names();
    table.all.x = features_.take();
    for (std::size_t i = 0; i < row_.size(); ++i) {
      const auto* categories = layout_.features()[i].categories;
      if (categories) renumber(table.all.x.select(1, static_cast<std::int64_t>(i)), *categories);
    }
    if (layout_.label()) {
      table.all.y = labels_.take();
      table.names.classes = labels_.classes();
    }
    if (layout_.weight()) table.all.sample_weight = weights_.take().squeeze(-1);
    return table;
  }

 private:
  // Whether the row is to be kept. Errors: where it is not to be dropped either.
  bool has_all_values() const {
    const auto is_missing = [this](std::size_t place) {
      return missing_texts_.contains(reader_.fields()[place].text);
    };
    const bool fill = missing_.action == CsvMissing::Action::kFill;
    for (const auto& [place, categories] : layout_.features()) {
      if (!is_missing(place) || (fill && !categories)) continue;
      if (missing_.action == CsvMissing::Action::kDrop) return false;
      fail_missing(place);
    }
    for (const auto& place : {layout_.label(), layout_.weight()}) {
      if (!place || !is_missing(*place)) continue;
      if (missing_.action == CsvMissing::Action::kDrop) return false;
      fail_missing(*place);
    }
    return true;
  }

  [[noreturn]] void fail_missing(std::size_t place) const {
    convert_.fail(
        place,
        "the value is missing; expected one (the option missing is \"drop\" to leave such "
        "rows out, or a number to put in the place of features that are numbers)");
  }

  double feature(std::size_t i) const {
    const auto& [place, categories] = layout_.features()[i];
    if (categories) return static_cast<double>(convert_.category(place, *categories));
    const bool fill = missing_.action == CsvMissing::Action::kFill;
    if (fill && missing_texts_.contains(reader_.fields()[place].text)) return missing_.value;
    return convert_.number(place);
  }

  static void renumber(at::Tensor column, const CsvCategories& categories) {
    const auto numbers = at::tensor(categories.final_numbers(), at::kLong);
    column.copy_(numbers.index_select(0, column.to(at::kLong)));
  }

  CsvReader& reader_;
  const CsvColumns& columns_;
  CsvLayout layout_;
  CsvConverter convert_;
  CsvMissing missing_;
  CsvMissingTexts missing_texts_;
  CsvLabels labels_;
  RowBlocks<T> features_;
  RowBlocks<T> weights_{1};
  std::vector<T> row_;
  std::int64_t dropped_rows_ = 0;
};

template <class T>
CsvTable read_as(const CsvTableOptions& options) {
  CsvReader reader(options.path, options.delimiter);
  TORCH_CHECK_VALUE(reader.next(), options.path.string(), ": is empty; expected rows");
  const CsvColumns columns(reader, options.header);
  TableReader<T> table(reader, columns, options);
  if (!options.header) table.add_record();
  while (reader.next()) table.add_record();
  return table.take();
}

}  // namespace

CsvTable read_csv(const CsvTableOptions& options) {
  return options.dtype == at::kDouble ? read_as<double>(options) : read_as<float>(options);
}

}  // namespace assay::training
