// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "kernel_test.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "assay/tests/core/kernels/cpu/simd_math_test.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h, which includes this file once for each target.
#include <assay/core/kernels/cpu/simd_io-inl.h>
#include <assay/core/kernels/cpu/simd_math-inl.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace assay::kernels::cpu::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

/// y = f(x) for a whole number of the largest vectors.
template <class T>
void apply(const std::string& f, const std::vector<T>& x, std::vector<T>& y) {
  const hn::ScalableTag<T> d;
  for (size_t i = 0; i < x.size(); i += hn::Lanes(d)) {
    auto v = hn::LoadU(d, x.data() + i);
    if (f == "exp") v = exp(d, v);
    if (f == "exp_below_overflow") v = exp_below_overflow(d, v);
    if (f == "log") v = log(d, v);
    if (f == "log_normal") v = log_normal(d, v);
    if (f == "log1p") v = log1p(d, v);
    if (f == "log1p_unit") v = log1p_unit(d, v);
    if (f == "log1m_unit") v = log1m_unit(d, v);
    if (f == "at_least 1") v = at_least(hn::Set(d, T(1)), v);
    if (f == "at_most 1") v = at_most(hn::Set(d, T(1)), v);
    hn::StoreU(v, d, y.data() + i);
  }
}

void ApplyFloat(const std::string& f, const std::vector<float>& x, std::vector<float>& y) {
  apply(f, x, y);
}
void ApplyDouble(const std::string& f, const std::vector<double>& x, std::vector<double>& y) {
  apply(f, x, y);
}

template <class T>
void convert(const std::vector<T>& from, std::vector<float>& wide, const std::vector<float>& x,
             std::vector<T>& narrow) {
  const hn::ScalableTag<float> d;
  for (size_t i = 0; i < from.size(); i += hn::Lanes(d)) {
    hn::StoreU(load(d, from.data() + i), d, wide.data() + i);
  }
  for (size_t i = 0; i < x.size(); i += hn::Lanes(d)) {
    store(d, hn::LoadU(d, x.data() + i), narrow.data() + i);
  }
}

void ConvertBFloat16(const std::vector<BFloat16>& from, std::vector<float>& wide,
                     const std::vector<float>& x, std::vector<BFloat16>& narrow) {
  convert(from, wide, x, narrow);
}
void ConvertFloat16(const std::vector<Float16>& from, std::vector<float>& wide,
                    const std::vector<float>& x, std::vector<Float16>& narrow) {
  convert(from, wide, x, narrow);
}

}  // namespace
}  // namespace assay::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::kernels::cpu {
HWY_EXPORT(ApplyFloat);
HWY_EXPORT(ApplyDouble);
HWY_EXPORT(ConvertBFloat16);
HWY_EXPORT(ConvertFloat16);

namespace testing {
namespace {

void apply(const std::string& f, const std::vector<float>& x, std::vector<float>& y) {
  HWY_DYNAMIC_DISPATCH(ApplyFloat)(f, x, y);
}
void apply(const std::string& f, const std::vector<double>& x, std::vector<double>& y) {
  HWY_DYNAMIC_DISPATCH(ApplyDouble)(f, x, y);
}
void convert(const std::vector<BFloat16>& from, std::vector<float>& wide,
             const std::vector<float>& x, std::vector<BFloat16>& narrow) {
  HWY_DYNAMIC_DISPATCH(ConvertBFloat16)(from, wide, x, narrow);
}
void convert(const std::vector<Float16>& from, std::vector<float>& wide,
             const std::vector<float>& x, std::vector<Float16>& narrow) {
  HWY_DYNAMIC_DISPATCH(ConvertFloat16)(from, wide, x, narrow);
}

/// The C library's function.
template <class Real>
Real reference(const std::string& f, Real x) {
  if (f.starts_with("exp")) return std::exp(x);
  if (f.starts_with("log1p")) return std::log1p(x);
  if (f == "log1m_unit") return std::log1p(-x);
  return std::log(x);
}

/// Points over all magnitudes that T has, around 1, and special ones, within [low, high].
template <class T>
std::vector<T> points(T low, T high) {
  using Limits = std::numeric_limits<T>;
  std::mt19937_64 generator(1);
  std::uniform_real_distribution<double> unit(0.0, 1.0);
  std::vector<T> candidates = {T(0),          -T(0),          T(1),
                               T(-1),         Limits::min(),  Limits::denorm_min(),
                               Limits::max(), -Limits::max(), Limits::infinity(),
                               low,           high,           -Limits::infinity()};
  const double digits = sizeof(T) == 4 ? 38.5 : 308.2;
  for (int i = 0; i < 20000; ++i) {
    const auto magnitude = static_cast<T>(std::pow(10.0, digits * (2 * unit(generator) - 1)));
    candidates.insert(candidates.end(), {magnitude, -magnitude});
    candidates.push_back(static_cast<T>(2 * unit(generator)));
    candidates.push_back(static_cast<T>(1 - std::pow(10.0, -16 * unit(generator))));
    const T limit = sizeof(T) == 4 ? T(106) : T(750);  // where exp overflows and underflows
    candidates.push_back(static_cast<T>(limit * (2 * unit(generator) - 1)));
  }
  std::vector<T> kept;
  for (const T x : candidates) {
    if (x >= low && x <= high) kept.push_back(x);
  }
  kept.resize((kept.size() + 255) / 256 * 256, T(low <= T(1) && T(1) <= high ? 1 : low));
  return kept;
}

/// The largest error on [low, high] in units in the last place; NaN must give NaN.
template <class T>
double max_error(const std::string& f, T low, T high) {
  using Limits = std::numeric_limits<T>;
  std::vector<T> x = points(low, high);
  std::vector<T> y(x.size());
  apply(f, x, y);
  double worst = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    const auto exact = reference(f, static_cast<Exact<T>>(x[i]));
    const T want = static_cast<T>(exact);
    if (std::isnan(want) || std::isinf(want)) {
      EXPECT_TRUE(std::isnan(want) ? std::isnan(y[i]) : y[i] == want)
          << f << "(" << x[i] << ") is " << y[i];
      continue;
    }
    const T size = std::max(std::fabs(want), Limits::min());
    const auto last_place = static_cast<Exact<T>>(size - std::nextafter(size, T(0)));
    worst = std::max(worst, static_cast<double>(std::fabs(y[i] - exact) / last_place));
  }
  for (const T nan : {Limits::quiet_NaN(), -Limits::quiet_NaN()}) {
    x.assign(256, nan);
    y.assign(256, T(0));
    apply(f, x, y);
    for (const T result : y) EXPECT_TRUE(std::isnan(result)) << f;
  }
  return worst;
}

template <class T>
class SimdMath : public ::testing::Test {};
using FloatAndDouble = ::testing::Types<float, double>;
TYPED_TEST_SUITE(SimdMath, FloatAndDouble);

TYPED_TEST(SimdMath, IsWithinAUnitOrSoOfTheCLibrary) {
  using T = TypeParam;
  const T infinity = std::numeric_limits<T>::infinity();
  const T smallest = std::numeric_limits<T>::min();
  const T largest = std::numeric_limits<T>::max();
  for_each_target([=] {
    EXPECT_LT(max_error<T>("exp", -infinity, infinity), 1.2);
    // Results that are not normal become 0.
    EXPECT_LT(max_error<T>("exp_below_overflow", T(sizeof(T) == 4 ? -87.3 : -708.3),
                           T(sizeof(T) == 4 ? 88.0 : 709.0)),
              1.2);
    EXPECT_LT(max_error<T>("log", -infinity, infinity), 1.2);
    EXPECT_LT(max_error<T>("log_normal", smallest, largest), 1.2);
    EXPECT_LT(max_error<T>("log1p", 0, infinity), 1.5);
    EXPECT_LT(max_error<T>("log1p_unit", 0, 1), 1.7);
    EXPECT_LT(max_error<T>("log1m_unit", 0, std::nextafter(T(1), T(0))), 1.7);

    std::vector<T> x(256, T(sizeof(T) == 4 ? -88 : -709));
    std::vector<T> y(256, T(1));
    x[0] = -infinity;
    apply("exp_below_overflow", x, y);
    EXPECT_EQ(y, std::vector<T>(256));
  });
}

TYPED_TEST(SimdMath, BoundsKeepNan) {
  using T = TypeParam;
  for_each_target([] {
    std::vector<T> x(256, std::numeric_limits<T>::quiet_NaN()), y(256);
    x[0] = 0;
    x[1] = 1;
    x[2] = 2;
    apply("at_least 1", x, y);
    EXPECT_EQ(std::vector<T>(y.begin(), y.begin() + 3), (std::vector<T>{1, 1, 2}));
    EXPECT_TRUE(std::isnan(y[3]));
    apply("at_most 1", x, y);
    EXPECT_EQ(std::vector<T>(y.begin(), y.begin() + 3), (std::vector<T>{0, 1, 1}));
    EXPECT_TRUE(std::isnan(y[3]));
  });
}

template <class T>
class Conversion : public ::testing::Test {};
using HalfWidth = ::testing::Types<BFloat16, Float16>;
TYPED_TEST_SUITE(Conversion, HalfWidth);

/// Every 16-bit number, and the float numbers around and between neighbours.
TYPED_TEST(Conversion, IsTheSameInVectorsAndRoundsToTheNearestEven) {
  std::vector<TypeParam> all;
  std::vector<float> between;
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    all.push_back({static_cast<uint16_t>(bits)});
    const float x = to_compute(all.back());
    const float next = to_compute(TypeParam{static_cast<uint16_t>(bits + 1)});
    const float middle = x + (next - x) / 2;
    between.insert(between.end(),
                   {x, middle, std::nextafter(middle, x), std::nextafter(middle, next)});
  }
  for_each_target([&] {
    std::vector<float> wide(all.size());
    std::vector<TypeParam> narrow(between.size());
    convert(all, wide, between, narrow);
    for (size_t i = 0; i < all.size(); ++i) {
      const float want = to_compute(all[i]);
      ASSERT_TRUE(std::isnan(want) ? std::isnan(wide[i]) : wide[i] == want) << all[i].bits;
    }
    for (size_t i = 0; i < between.size(); ++i) {
      const auto want = from_compute<TypeParam>(between[i]);
      ASSERT_TRUE(std::isnan(between[i]) ? std::isnan(to_compute(narrow[i]))
                                         : narrow[i].bits == want.bits)
          << between[i] << " to " << narrow[i].bits << ", not " << want.bits;
    }
  });
  for (size_t i = 0; i + 1 < all.size(); ++i) {
    const float x = to_compute(all[i]);
    const float next = to_compute(all[i + 1]);
    if (!std::isfinite(x) || !std::isfinite(next) || std::signbit(x) != std::signbit(next)) {
      continue;
    }
    ASSERT_EQ(from_compute<TypeParam>(x).bits, all[i].bits);
    const float middle = x + (next - x) / 2;
    const size_t even = i % 2 == 0 ? i : i + 1;
    ASSERT_EQ(from_compute<TypeParam>(middle).bits, all[even].bits) << middle;
    ASSERT_EQ(from_compute<TypeParam>(std::nextafter(middle, x)).bits, all[i].bits);
    ASSERT_EQ(from_compute<TypeParam>(std::nextafter(middle, next)).bits, all[i + 1].bits);
  }
}

}  // namespace
}  // namespace testing
}  // namespace assay::kernels::cpu
#endif  // HWY_ONCE
