// SPDX-License-Identifier: Apache-2.0
#include <assay/core/shapes.h>
#include <assay/training/label_form.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

namespace assay::training {
namespace {

std::string lower_case(const Json& identifier) {
  if (!identifier.is_string()) return "";
  auto text = identifier.get<std::string>();
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

LabelForm label_form(const at::Tensor& y_true, const at::Tensor& y_pred) {
  TORCH_CHECK_VALUE(y_pred.dim() > 0, "y_pred is ", describe(y_pred),
                    "; expected at least a batch axis");
  const auto classes = y_pred.size(-1);
  if (classes == 1) return LabelForm::kBinary;
  const bool trailing_one = y_true.dim() > 0 && y_true.size(-1) == 1 && classes > 1;
  return y_true.dim() < y_pred.dim() || trailing_one ? LabelForm::kSparse : LabelForm::kCategorical;
}

bool is_form_of_accuracy(const Json& identifier) {
  const auto name = lower_case(identifier);
  return name == "accuracy" || name == "acc";
}

bool is_form_of_crossentropy(const Json& identifier) {
  const auto name = lower_case(identifier);
  return name == "crossentropy" || name == "ce";
}

const char* accuracy_of(LabelForm form) {
  switch (form) {
    case LabelForm::kBinary:
      return "BinaryAccuracy";
    case LabelForm::kSparse:
      return "SparseCategoricalAccuracy";
    case LabelForm::kCategorical:
      return "CategoricalAccuracy";
  }
  TORCH_INTERNAL_ASSERT(false, "unknown form of labels");
}

const char* crossentropy_of(LabelForm form) {
  switch (form) {
    case LabelForm::kBinary:
      return "BinaryCrossentropy";
    case LabelForm::kSparse:
      return "SparseCategoricalCrossentropy";
    case LabelForm::kCategorical:
      return "CategoricalCrossentropy";
  }
  TORCH_INTERNAL_ASSERT(false, "unknown form of labels");
}

}  // namespace assay::training
