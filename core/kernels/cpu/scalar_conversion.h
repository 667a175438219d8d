// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>

#include <assay/core/kernels/cpu/scalar_types.h>

/// Conversions between the storage types and the type that a kernel computes in, one number at a
/// time, bit for bit as LibTorch's: to the nearest, ties to even, NaN to a quiet NaN.
namespace assay::kernels::cpu {

inline float to_compute(float x) { return x; }
inline double to_compute(double x) { return x; }

inline float to_compute(BFloat16 x) {
  return std::bit_cast<float>(static_cast<uint32_t>(x.bits) << 16);
}

inline float to_compute(Float16 x) {
  const uint32_t bits = static_cast<uint32_t>(x.bits) << 16;
  const uint32_t sign = bits & 0x80000000U;
  const uint32_t twice = bits + bits;
  const float normal = std::bit_cast<float>((twice >> 4) + (0xE0U << 23)) * 0x1.0p-112F;
  const float subnormal = std::bit_cast<float>((twice >> 17) | (126U << 23)) - 0.5F;
  return std::bit_cast<float>(sign |
                              std::bit_cast<uint32_t>(twice < (1U << 27) ? subnormal : normal));
}

template <class T>
T from_compute(Compute<T> x) {
  return x;
}

template <>
inline BFloat16 from_compute<BFloat16>(float x) {
  const auto bits = std::bit_cast<uint32_t>(x);
  if (x != x) return {0x7FC0};
  return {static_cast<uint16_t>((bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16)};
}

template <>
inline Float16 from_compute<Float16>(float x) {
  const auto bits = std::bit_cast<uint32_t>(x);
  const uint32_t twice = bits + bits;
  const uint32_t sign = (bits & 0x80000000U) >> 16;
  if (twice > 0xFF000000U) return {static_cast<uint16_t>(sign | 0x7E00U)};
  // The two factors round away what float16 cannot hold: to infinity above, and, with the
  // addition of a number of the right exponent, to the last bit that stays.
  const float magnitude = std::bit_cast<float>(bits & 0x7FFFFFFFU) * 0x1.0p+112F * 0x1.0p-110F;
  const uint32_t exponent = twice & 0xFF000000U;
  const uint32_t bias = exponent < 0x71000000U ? 0x71000000U : exponent;
  const auto sum =
      std::bit_cast<uint32_t>(std::bit_cast<float>((bias >> 1) + 0x07800000U) + magnitude);
  return {static_cast<uint16_t>(sign | (((sum >> 13) & 0x7C00U) + (sum & 0xFFFU)))};
}

}  // namespace assay::kernels::cpu
