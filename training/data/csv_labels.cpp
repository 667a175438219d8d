// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/training/data/csv_labels.h>
#include <assay/training/data/csv_number.h>

#include <cmath>

namespace assay::training {
namespace {

constexpr double kExactIntegers = 9007199254740992;  // 2^53, as far as doubles hold them all

}  // namespace

CsvLabels::CsvLabels(const CsvTableOptions& options)
    : type_(options.classes ? CsvLabelType::kCategory : options.label_type),
      auto_(type_ == CsvLabelType::kAuto),
      categories_(options.classes, "classes"),
      dtype_(options.dtype) {}

double CsvLabels::number(const CsvConverter& convert, std::string_view text, std::size_t place) {
  if (type_ == CsvLabelType::kAuto) {
    type_ = parse_number(text) ? CsvLabelType::kNumber : CsvLabelType::kCategory;
  }
  if (type_ == CsvLabelType::kCategory) {
    return static_cast<double>(convert.category(place, categories_));
  }
  const char* hint = auto_ ? "; texts are labels where label_type is \"category\"" : "";
  const double value = convert.number(place, hint);
  const bool integer = written_as_integer(text) && std::abs(value) <= kExactIntegers;
  if (type_ == CsvLabelType::kInteger && !integer) {
    convert.fail(place, "'" + std::string(text) + "' is not an integer");
  }
  all_integers_ &= integer;
  return value;
}

void CsvLabels::tell(CsvFinalNumbers& numbers) const {
  if (type_ == CsvLabelType::kCategory) {
    numbers.classes = at::tensor(categories_.final_numbers(), at::kLong);
  }
  const bool integers = type_ == CsvLabelType::kInteger || (auto_ && all_integers_);
  numbers.label_dtype = integers ? at::kLong : dtype_;
}

}  // namespace assay::training
