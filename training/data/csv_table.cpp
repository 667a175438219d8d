// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/names.h>
#include <assay/training/data/csv_categories.h>
#include <assay/training/data/csv_columns.h>
#include <assay/training/data/csv_number.h>
#include <assay/training/data/csv_reader.h>
#include <assay/training/data/csv_table.h>
#include <assay/training/data/row_blocks.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <set>

namespace assay::training {
namespace {

// Texts that stand for nothing. Nearly every field is decided by its first character.
class MissingTexts {
 public:
  explicit MissingTexts(const std::vector<std::string>& texts) : texts_(texts) {
    for (const auto& text : texts) {
      if (text.empty()) {
        empty_ = true;
      } else {
        starts_[static_cast<unsigned char>(text.front())] = true;
      }
    }
  }

  bool contains(std::string_view text) const {
    text = trimmed(text);
    if (text.empty()) return empty_;
    if (!starts_[static_cast<unsigned char>(text.front())]) return false;
    return std::ranges::find(texts_, text) != texts_.end();
  }

 private:
  std::vector<std::string> texts_;
  std::array<bool, 256> starts_ = {};
  bool empty_ = false;
};

// One column that is read.
struct Used {
  std::size_t place;
  CsvCategories* categories = nullptr;  // null for numbers
};

// Which columns are what.
class Layout {
 public:
  Layout(const CsvColumns& columns, const CsvTableOptions& options) : columns_(columns) {
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

  const std::optional<std::size_t>& label() const { return label_; }
  const std::optional<std::size_t>& weight() const { return weight_; }
  const std::vector<Used>& features() const { return features_; }

  DatasetNames names() const {
    DatasetNames names;
    for (const auto& feature : features_) {
      names.features.push_back(columns_.name(feature.place));
      names.categories.push_back(feature.categories ? feature.categories->texts()
                                                    : std::vector<std::string>());
    }
    return names;
  }

 private:
  std::size_t claim(const CsvColumn& column, const char* use) {
    const auto place = columns_.place(column, use);
    const auto [taken, fresh] = uses_.emplace(place, use);
    TORCH_CHECK_VALUE(fresh, use, ": ", columns_.shown(place), " is used by ", taken->second,
                      " already; expected one use a column");
    return place;
  }

  void make_categorical(const CsvCategorical::Entry& entry) {
    const auto place = columns_.place(entry.column, "categorical");
    const auto found = std::ranges::find(features_, place, &Used::place);
    TORCH_CHECK_VALUE(found != features_.end(), "categorical: ", columns_.shown(place),
                      " is no feature; expected one of the features");
    TORCH_CHECK_VALUE(!found->categories, "categorical: ", columns_.shown(place),
                      " stands there twice");
    const auto [at, fresh] = categories_.try_emplace(place, entry.categories,
                                                     "categorical: " + columns_.shown(place));
    found->categories = &at->second;
  }

  const CsvColumns& columns_;
  std::map<std::size_t, const char*> uses_;
  std::optional<std::size_t> label_;
  std::optional<std::size_t> weight_;
  std::vector<Used> features_;
  std::map<std::size_t, CsvCategories> categories_;
};

// Records of one file as numbers.
class Converter {
 public:
  Converter(const CsvReader& reader, const CsvColumns& columns, double greatest)
      : reader_(reader), columns_(columns), greatest_(greatest) {}

  double number(std::size_t place, const char* hint = "") const {
    const auto& text = reader_.fields()[place].text;
    const auto value = parse_number(text);
    if (!value) fail(place, in_quotes(text) + " is not a finite number" + hint);
    if (std::abs(*value) > greatest_) fail(place, in_quotes(text) + " is too large for float32");
    return *value;
  }

  std::int64_t category(std::size_t place, CsvCategories& categories) const {
    const auto& text = reader_.fields()[place].text;
    const auto number = categories.number(text);
    if (!number) {
      fail(place, in_quotes(text) + " is not one of the given texts: " +
                      join(categories.texts()).substr(0, 1000));
    }
    return *number;
  }

  // "digits.csv:17: column 'p3': ..."
  [[noreturn]] void fail(std::size_t place, const std::string& problem) const {
    TORCH_CHECK_VALUE(false, reader_.where(reader_.fields()[place].line), ": ",
                      columns_.shown(place), ": ", problem);
    std::abort();
  }

 private:
  static std::string in_quotes(std::string_view text) {
    return "'" + std::string(text.substr(0, 50)) + (text.size() > 50 ? "..." : "") + "'";
  }

  const CsvReader& reader_;
  const CsvColumns& columns_;
  double greatest_;
};

// The labels of all rows, whose type may be found out on the way.
class Labels {
 public:
  explicit Labels(const CsvTableOptions& options)
      : type_(options.classes ? CsvLabelType::kCategory : options.label_type),
        auto_(type_ == CsvLabelType::kAuto),
        categories_(options.classes, "classes"),
        dtype_(options.dtype) {}

  void add(const Converter& convert, std::string_view text, std::size_t place) {
    if (type_ == CsvLabelType::kAuto) {
      type_ = parse_number(text) ? CsvLabelType::kNumber : CsvLabelType::kCategory;
    }
    double value = 0;
    if (type_ == CsvLabelType::kCategory) {
      value = static_cast<double>(convert.category(place, categories_));
    } else {
      constexpr double kExact = 9007199254740992;  // 2^53
      const char* hint = "; texts are labels where label_type is \"category\"";
      value = convert.number(place, auto_ ? hint : "");
      const bool integer = written_as_integer(text) && std::abs(value) <= kExact;
      if (type_ == CsvLabelType::kInteger && !integer) {
        convert.fail(place, "'" + std::string(text) + "' is not an integer");
      }
      all_integers_ &= integer;
    }
    values_.add({&value, 1});
  }

  at::Tensor take() {
    auto values = values_.take().squeeze(-1);
    switch (type_) {
      case CsvLabelType::kCategory: {
        const auto numbers = at::tensor(categories_.final_numbers(), at::kLong);
        return numbers.index_select(0, values.to(at::kLong));
      }
      case CsvLabelType::kInteger:
        return values.to(at::kLong);
      default:
        return values.to(auto_ && all_integers_ ? at::kLong : dtype_);
    }
  }

  std::vector<std::string> classes() const { return categories_.texts(); }

 private:
  CsvLabelType type_;
  bool auto_;
  CsvCategories categories_;
  at::ScalarType dtype_;
  bool all_integers_ = true;
  RowBlocks<double> values_{1};
};

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
    convert_.fail(place,
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
  Layout layout_;
  Converter convert_;
  CsvMissing missing_;
  MissingTexts missing_texts_;
  Labels labels_;
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
