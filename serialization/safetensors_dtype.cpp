// SPDX-License-Identifier: Apache-2.0
#include <assay/serialization/safetensors_dtype.h>

#include <torch/version.h>

#include <algorithm>
#include <array>

namespace assay::serialization {
namespace {

using c10::ScalarType;

// The order is the rank.
constexpr auto kDtypes = std::to_array<SafetensorsDtype>({
  {"BOOL", ScalarType::Bool},
#if TORCH_VERSION_MAJOR > 2 || TORCH_VERSION_MINOR >= 8
      {"F4", ScalarType::Float4_e2m1fn_x2, 2},
#endif
      {"U8", ScalarType::Byte}, {"I8", ScalarType::Char}, {"F8_E5M2", ScalarType::Float8_e5m2},
      {"F8_E4M3", ScalarType::Float8_e4m3fn}, {"F8_E8M0", ScalarType::Float8_e8m0fnu},
      {"F8_E4M3FNUZ", ScalarType::Float8_e4m3fnuz}, {"F8_E5M2FNUZ", ScalarType::Float8_e5m2fnuz},
      {"I16", ScalarType::Short}, {"U16", ScalarType::UInt16}, {"F16", ScalarType::Half},
      {"BF16", ScalarType::BFloat16}, {"I32", ScalarType::Int}, {"U32", ScalarType::UInt32},
      {"F32", ScalarType::Float}, {"C64", ScalarType::ComplexFloat}, {"F64", ScalarType::Double},
      {"I64", ScalarType::Long}, {"U64", ScalarType::UInt64},
});

template <typename Key>
std::optional<SafetensorsDtype> find(Key SafetensorsDtype::*member, Key key) {
  const auto found = std::ranges::find(kDtypes, key, member);
  return found == kDtypes.end() ? std::nullopt : std::optional(*found);
}

}  // namespace

std::size_t SafetensorsDtype::rank() const {
  const auto found = std::ranges::find(kDtypes, name, &SafetensorsDtype::name);
  return static_cast<std::size_t>(found - kDtypes.begin());
}

std::optional<SafetensorsDtype> find_dtype(std::string_view name) {
  return find(&SafetensorsDtype::name, name);
}

std::optional<SafetensorsDtype> find_dtype(ScalarType scalar_type) {
  return find(&SafetensorsDtype::scalar_type, scalar_type);
}

std::string supported_dtypes() {
  std::string names;
  for (const SafetensorsDtype& dtype : kDtypes) {
    names += names.empty() ? "" : ", ";
    names += dtype.name;
  }
  return names;
}

}  // namespace assay::serialization
