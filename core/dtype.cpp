// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <ATen/autocast_mode.h>
#include <assay/core/dtype.h>

#include <array>
#include <utility>

namespace assay {
namespace {

constexpr std::array<std::pair<const char*, at::ScalarType>, 12> kNames = {{
    {"float32", at::kFloat},
    {"float64", at::kDouble},
    {"float16", at::kHalf},
    {"bfloat16", at::kBFloat16},
    {"int8", at::kChar},
    {"int16", at::kShort},
    {"int32", at::kInt},
    {"int64", at::kLong},
    {"uint8", at::kByte},
    {"bool", at::kBool},
    {"complex64", at::kComplexFloat},
    {"complex128", at::kComplexDouble},
}};

}  // namespace

std::string dtype_name(at::ScalarType dtype) {
  for (const auto& [name, type] : kNames) {
    if (type == dtype) return name;
  }
  return c10::toString(dtype);
}

std::optional<at::ScalarType> dtype_from_name(std::string_view name) {
  for (const auto& [known, type] : kNames) {
    if (known == name) return type;
  }
  return std::nullopt;
}

std::vector<std::string> dtype_names() {
  std::vector<std::string> names;
  for (const auto& [name, type] : kNames) names.emplace_back(name);
  return names;
}

at::ScalarType compute_dtype(at::ScalarType dtype) {
  return dtype == at::kDouble ? at::kDouble : at::kFloat;
}

at::ScalarType result_dtype(const at::Tensor& y_pred) {
  const auto dtype = y_pred.scalar_type();
  if (at::autocast::is_autocast_enabled(y_pred.device().type())) return compute_dtype(dtype);
  return at::isFloatingType(dtype) ? dtype : at::kFloat;
}

at::Tensor to_compute(const at::Tensor& tensor) {
  return tensor.to(compute_dtype(tensor.scalar_type()));
}

}  // namespace assay
