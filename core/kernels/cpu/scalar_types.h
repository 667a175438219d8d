// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <type_traits>

/// The scalar types that the CPU kernels read and write. No LibTorch header: c10::BFloat16 and
/// c10::Half have the layout of the two structs below, so a pointer to one can be cast.
namespace assay::kernels::cpu {

struct BFloat16 {
  uint16_t bits;
};

struct Float16 {
  uint16_t bits;
};

template <class T>
inline constexpr bool is_half_width = std::is_same_v<T, BFloat16> || std::is_same_v<T, Float16>;

/// The type that a kernel computes in, and writes its per-row results in: float for the 16-bit
/// types, the type itself for float and double.
template <class T>
using Compute = std::conditional_t<is_half_width<T>, float, T>;

}  // namespace assay::kernels::cpu

/// DEFINE(type, name) for each of them: Highway exports functions, not templates, so every kernel
/// is one function a type.
#define ASSAY_FOR_EACH_SCALAR(DEFINE) \
  DEFINE(float, Float)                \
  DEFINE(double, Double)              \
  DEFINE(BFloat16, BFloat16)          \
  DEFINE(Float16, Float16)
