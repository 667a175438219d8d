// SPDX-License-Identifier: Apache-2.0
#include "sample_tensors.h"

#include <ATen/ops/empty.h>

#include <cstring>
#include <string_view>
#include <utility>

namespace assay::serialization::testing {
namespace {

// The format has no scalar of it.
constexpr auto kHalfBytes = at::ScalarType::Float4_e2m1fn_x2;

}  // namespace

const std::vector<SampleDtype>& sample_dtypes() {
  static const std::vector<SampleDtype> dtypes{
      {"F64", at::kDouble},
      {"F32", at::kFloat},
      {"F16", at::kHalf},
      {"BF16", at::kBFloat16},
      {"I64", at::kLong},
      {"I32", at::kInt},
      {"I16", at::kShort},
      {"I8", at::kChar},
      {"U8", at::kByte},
      {"BOOL", at::kBool},
      {"U16", at::kUInt16},
      {"U32", at::kUInt32},
      {"U64", at::kUInt64},
      {"F8_E4M3", at::kFloat8_e4m3fn},
      {"F8_E5M2", at::kFloat8_e5m2},
      {"F8_E4M3FNUZ", at::kFloat8_e4m3fnuz},
      {"F8_E5M2FNUZ", at::kFloat8_e5m2fnuz},
      {"F8_E8M0", at::kFloat8_e8m0fnu},
      {"C64", at::kComplexFloat},
      {"F4", kHalfBytes},
  };
  return dtypes;
}

at::Tensor sample_tensor(at::ScalarType dtype, const std::vector<std::int64_t>& shape) {
  at::Tensor tensor = at::empty(shape, dtype);
  auto* bytes = static_cast<unsigned char*>(tensor.mutable_data_ptr());
  for (std::size_t i = 0; i < tensor.nbytes(); ++i) {
    bytes[i] = static_cast<unsigned char>(dtype == at::kBool ? i % 2 : (37 * i + 11) % 251);
  }
  return tensor;
}

std::vector<NamedTensor> sample_tensors() {
  const std::vector<std::pair<const char*, std::vector<std::int64_t>>> shapes{
      {"0", {}}, {"1", {3}}, {"2", {2, 5}}, {"3", {2, 3, 4}}, {"empty", {4, 0, 2}}};
  std::vector<NamedTensor> tensors;
  for (const SampleDtype& dtype : sample_dtypes()) {
    for (const auto& [suffix, shape] : shapes) {
      if (dtype.scalar_type == kHalfBytes && shape.empty()) continue;
      tensors.push_back(
          {std::string(dtype.name) + "." + suffix, sample_tensor(dtype.scalar_type, shape)});
    }
  }
  return tensors;
}

SafetensorsMetadata sample_metadata() {
  using namespace std::string_literals;
  return {{"", "empty key"},
          {"empty", ""},
          {"json", R"({"class_name": "Huber", "config": {"delta": 1.0}})"},
          {"escapes", "\" \\ / \b \f \n \r \t \x01 \x7f and \0 too"s},
          {"na\u00efve \u2603", "\u00e9\u4e2d\U0001F600"}};
}

bool same_bits(const at::Tensor& left, const at::Tensor& right) {
  if (left.scalar_type() != right.scalar_type() || left.sizes() != right.sizes()) {
    return false;
  }
  const at::Tensor a = left.contiguous();
  const at::Tensor b = right.contiguous();
  return a.nbytes() == 0 || std::memcmp(a.const_data_ptr(), b.const_data_ptr(), a.nbytes()) == 0;
}

std::string difference_to_samples(const SafetensorsFile& file) {
  const std::vector<NamedTensor> expected = sample_tensors();
  if (file.tensors.size() != expected.size()) {
    return "the number of tensors";
  }
  for (const auto& [name, tensor] : expected) {
    const auto found = file.tensors.find(name);
    if (found == file.tensors.end() || !same_bits(found->second, tensor)) {
      return "tensor " + name;
    }
  }
  return file.metadata == sample_metadata() ? "" : "the metadata";
}

}  // namespace assay::serialization::testing
