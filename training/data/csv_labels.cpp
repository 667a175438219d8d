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

void CsvLabels::add(const CsvConverter& convert, std::string_view text, std::size_t place) {
  if (type_ == CsvLabelType::kAuto) {
    type_ = parse_number(text) ? CsvLabelType::kNumber : CsvLabelType::kCategory;
  }
  double value = 0;
  if (type_ == CsvLabelType::kCategory) {
    value = static_cast<double>(convert.category(place, categories_));
  } else {
    const char* hint = auto_ ? "; texts are labels where label_type is \"category\"" : "";
    value = convert.number(place, hint);
    const bool integer = written_as_integer(text) && std::abs(value) <= kExactIntegers;
    if (type_ == CsvLabelType::kInteger && !integer) {
      convert.fail(place, "'" + std::string(text) + "' is not an integer");
    }
    all_integers_ &= integer;
  }
  values_.add({&value, 1});
}

at::Tensor CsvLabels::take() {
  const auto values = values_.take().squeeze(-1);
  if (type_ == CsvLabelType::kCategory) {
    const auto numbers = at::tensor(categories_.final_numbers(), at::kLong);
    return numbers.index_select(0, values.to(at::kLong));
  }
  const bool integers = type_ == CsvLabelType::kInteger || (auto_ && all_integers_);
  return values.to(integers ? at::kLong : dtype_);
}

}  // namespace assay::training
