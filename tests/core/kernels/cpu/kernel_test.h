// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <assay/core/kernels/cpu/scalar_conversion.h>
#include <assay/core/kernels/cpu/scalar_types.h>
#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <cmath>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

/// What the tests of the CPU kernels share. They compare with plain loops in more digits, on every
/// instruction set that this machine has.
namespace assay::kernels::cpu::testing {

/// Runs `body` once for each instruction set that the kernels were compiled for and this CPU has.
inline void for_each_target(const std::function<void()>& body) {
#ifdef HWY_COMPILE_ONLY_STATIC
  body();  // the one that the compiler was told
#else
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    SCOPED_TRACE(std::string("target ") + hwy::TargetName(target));
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(target);
    body();
    if (::testing::Test::HasFailure()) break;  // one account of a failure is enough
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().DeInit();
#endif
}

/// Numbers at an address that no vector is aligned to.
template <class T>
class Misaligned {
 public:
  explicit Misaligned(size_t size, T value = T{}) : numbers_(size + 1, value) {}
  T* data() { return numbers_.data() + 1; }
  const T* data() const { return numbers_.data() + 1; }
  size_t size() const { return numbers_.size() - 1; }
  T& operator[](size_t i) { return data()[i]; }
  const T& operator[](size_t i) const { return data()[i]; }

 private:
  std::vector<T> numbers_;
};

/// Numbers of type T from `draw`, which the kernels then read as they were rounded.
template <class T>
Misaligned<T> draw_numbers(size_t size, const std::function<double()>& draw) {
  Misaligned<T> numbers(size);
  for (size_t i = 0; i < size; ++i) {
    numbers[i] = from_compute<T>(static_cast<Compute<T>>(draw()));
  }
  return numbers;
}

template <class T>
double as_double(T x) {
  return static_cast<double>(to_compute(x));
}

/// What plain loops compute in, with digits to spare. An emulated processor takes long for `long
/// double`.
template <class T>
using Exact = std::conditional_t<std::is_same_v<Compute<T>, double>, long double, double>;

/// One unit in the last place of numbers around 1 in T.
template <class T>
constexpr double unit() {
  if constexpr (std::is_same_v<T, double>) return 0x1p-52;
  if constexpr (std::is_same_v<T, Float16>) return 0x1p-10;
  if constexpr (std::is_same_v<T, BFloat16>) return 0x1p-7;
  return 0x1p-23;
}

/// Passes where both are NaN, the same infinity, or no more than `margin` apart.
inline void expect_close(double got, double want, double margin) {
  if (std::isnan(want) || std::isinf(want)) {
    EXPECT_TRUE(std::isnan(want) ? std::isnan(got) : got == want) << got << " for " << want;
  } else {
    EXPECT_NEAR(got, want, margin);
  }
}

/// What rounding to T may cost a number of this size.
template <class T>
double rounding(double x) {
  const double smallest = std::is_same_v<T, Float16> ? 0x1p-24 : 0.0;  // its subnormals are near
  return std::is_same_v<T, Compute<T>> ? 0.0 : unit<T>() * std::fabs(x) + smallest;
}

using ScalarTypes = ::testing::Types<float, double, BFloat16, Float16>;

}  // namespace assay::kernels::cpu::testing
