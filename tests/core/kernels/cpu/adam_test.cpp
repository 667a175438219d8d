// SPDX-License-Identifier: Apache-2.0
#include <assay/core/kernels/cpu/adam.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

#include "kernel_test.h"

namespace assay::kernels::cpu::testing {
namespace {

template <class T>
struct Drawn {
  Misaligned<T> parameter, gradient, mean, square, largest;

  Drawn(size_t size, uint32_t seed)
      : parameter(size), gradient(size), mean(size), square(size), largest(size) {
    std::mt19937 generator(seed);
    std::normal_distribution<double> normal;
    const auto signed_number = [&] { return normal(generator); };
    const auto square_number = [&] { return std::pow(normal(generator), 2); };
    parameter = draw_numbers<T>(size, signed_number);
    gradient = draw_numbers<T>(size, signed_number);
    mean = draw_numbers<T>(size, signed_number);
    square = draw_numbers<T>(size, square_number);
    largest = draw_numbers<T>(size, square_number);
  }

  AdamNumbers<T> numbers(bool amsgrad) {
    return {parameter.data(), gradient.data(), mean.data(), square.data(),
            amsgrad ? largest.data() : nullptr};
  }
};

template <class T>
AdamFactors<T> factors(double beta_1) {
  return {static_cast<T>(1 - beta_1), T(0.999), T(0.001), T(1e-7), T(0.01)};
}

template <class T>
class AdamKernel : public ::testing::Test {};
using RealTypes = ::testing::Types<float, double>;
TYPED_TEST_SUITE(AdamKernel, RealTypes);

template <class T>
void expect_plain_loop(size_t size, double beta_1, bool amsgrad) {
  const Drawn<T> before(size, static_cast<uint32_t>(size));
  Drawn<T> after = before;
  const auto f = factors<T>(beta_1);
  adam_update(after.numbers(amsgrad), f, 0, static_cast<int64_t>(size));
  for (size_t i = 0; i < size; ++i) {
    const Exact<T> g = before.gradient[i];
    const Exact<T> mean = before.mean[i] + Exact<T>(f.mean_weight) * (g - before.mean[i]);
    const Exact<T> square =
        Exact<T>(f.square_kept) * before.square[i] + Exact<T>(f.square_weight) * g * g;
    const Exact<T> largest = std::max<Exact<T>>(before.largest[i], square);
    const Exact<T> change =
        f.rate * mean / (std::sqrt(amsgrad ? largest : square) + Exact<T>(f.epsilon));
    const auto near = [&](T got, Exact<T> want, Exact<T> size_of_terms) {
      expect_close(got, static_cast<double>(want),
                   4 * unit<T>() * static_cast<double>(std::fabs(size_of_terms)));
    };
    near(after.mean[i], mean, std::fabs(g) + std::fabs(before.mean[i]));
    near(after.square[i], square, square);
    EXPECT_EQ(after.gradient[i], before.gradient[i]);
    if (amsgrad) {
      near(after.largest[i], largest, largest);
    } else {
      EXPECT_EQ(after.largest[i], before.largest[i]);
    }
    near(
        after.parameter[i], before.parameter[i] - change,
        std::fabs(before.parameter[i]) +
            std::fabs(change) * (1 + (std::fabs(g) + std::fabs(before.mean[i])) / std::fabs(mean)));
  }
}

TYPED_TEST(AdamKernel, AgreesWithAPlainLoop) {
  for_each_target([] {
    for (size_t size = 0; size <= 70; ++size) {
      for (const double beta_1 : {0.0, 0.3, 0.9}) {
        for (const bool amsgrad : {false, true}) {
          expect_plain_loop<TypeParam>(size, beta_1, amsgrad);
        }
      }
    }
  });
}

TYPED_TEST(AdamKernel, LeavesWhatIsOutsideItsRange) {
  for_each_target([] {
    const Drawn<TypeParam> before(100, 1);
    Drawn<TypeParam> after = before;
    adam_update(after.numbers(true), factors<TypeParam>(0.9), 13, 78);
    for (size_t i = 0; i < 100; ++i) {
      const bool inside = i >= 13 && i < 78;
      EXPECT_EQ(after.parameter[i] != before.parameter[i], inside) << i;
      EXPECT_EQ(after.mean[i] != before.mean[i], inside) << i;
      EXPECT_EQ(after.square[i] != before.square[i], inside) << i;
      if (!inside) EXPECT_EQ(after.largest[i], before.largest[i]) << i;
    }
  });
}

TYPED_TEST(AdamKernel, NaNStays) {
  for_each_target([] {
    Drawn<TypeParam> drawn(40, 2);
    drawn.gradient[3] = std::numeric_limits<TypeParam>::quiet_NaN();
    drawn.largest[35] = std::numeric_limits<TypeParam>::quiet_NaN();
    adam_update(drawn.numbers(true), factors<TypeParam>(0.9), 0, 40);
    for (size_t i = 0; i < 40; ++i) {
      EXPECT_EQ(std::isnan(drawn.parameter[i]), i == 3 || i == 35) << i;
      EXPECT_EQ(std::isnan(drawn.largest[i]), i == 3 || i == 35) << i;
    }
  });
}

}  // namespace
}  // namespace assay::kernels::cpu::testing
