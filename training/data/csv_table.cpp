// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/training/data/csv_converter.h>
#include <assay/training/data/csv_labels.h>
#include <assay/training/data/csv_layout.h>
#include <assay/training/data/csv_missing_texts.h>
#include <assay/training/data/csv_reader.h>
#include <assay/training/data/csv_records.h>
#include <assay/training/data/csv_rows_in_file.h>
#include <assay/training/data/csv_table.h>
#include <assay/training/data/record_store.h>
#include <c10/util/Exception.h>

#include <limits>
#include <vector>

namespace assay::training {
namespace {

constexpr std::size_t kMostInMemory = std::size_t{1} << 30;

std::size_t most_in_memory(const std::optional<bool>& in_memory) {
  if (!in_memory) return kMostInMemory;
  return *in_memory ? std::numeric_limits<std::size_t>::max() : 0;
}

std::size_t features_of(const CsvLayout& layout, const CsvReader& reader) {
  TORCH_CHECK_VALUE(!layout.features().empty(), reader.path().string(),
                    ": no column is left for features; expected at least one");
  return layout.features().size();
}

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
        row_(features_of(layout_, reader)),
        records_(static_cast<std::int64_t>(row_.size()), c10::CppTypeToScalarType<T>::value,
                 layout_.weight().has_value(), layout_.label().has_value()),
        record_(records_.size()),
        store_(record_.size(), most_in_memory(options.in_memory)) {}

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
    double label = 0;
    if (layout_.label()) {
      label = labels_.number(convert_, fields[*layout_.label()].text, *layout_.label());
    }
    const auto weight =
        layout_.weight() ? static_cast<T>(convert_.number(*layout_.weight())) : T{1};
    records_.pack(std::span<const T>(row_), weight, label, record_);
    store_.add(record_);
  }

  CsvTable take() {
    TORCH_CHECK_VALUE(store_.size() > 0, reader_.path().string(), ": has no rows",
                      dropped_rows_ > 0 ? " but those with missing values" : "",
                      "; expected at least one");
    store_.finish();
    auto names = layout_.names();
    if (layout_.label()) names.classes = labels_.classes();
    CsvTable table{.in_memory = store_.in_memory(), .dropped_rows = dropped_rows_};
    if (table.in_memory) {
      table.rows = std::make_shared<TensorDataset>(final_numbers()(all_rows()), std::move(names));
    } else {
      table.rows = std::make_shared<CsvRowsInFile>(std::move(store_), records_, final_numbers(),
                                                   std::move(names));
    }
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

  CsvFinalNumbers final_numbers() const {
    CsvFinalNumbers numbers;
    for (std::size_t i = 0; i < row_.size(); ++i) {
      const auto* categories = layout_.features()[i].categories;
      if (!categories) continue;
      numbers.categories.emplace_back(static_cast<std::int64_t>(i), categories->final_numbers());
    }
    labels_.tell(numbers);
    return numbers;
  }

  Batch all_rows() {
    auto all = records_.tensors(store_.size());
    std::int64_t row = 0;
    store_.take([&](std::span<const std::byte> records) {
      records_.unpack(records, all, row);
      row += static_cast<std::int64_t>(records.size() / records_.size());
    });
    return all;
  }

  CsvReader& reader_;
  const CsvColumns& columns_;
  CsvLayout layout_;
  CsvConverter convert_;
  CsvMissing missing_;
  CsvMissingTexts missing_texts_;
  CsvLabels labels_;
  std::vector<T> row_;
  CsvRecords records_;
  std::vector<std::byte> record_;
  RecordStore store_;
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
