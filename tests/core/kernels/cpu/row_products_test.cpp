// SPDX-License-Identifier: Apache-2.0
#include <assay/core/kernels/cpu/row_products.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "kernel_test.h"

namespace assay::kernels::cpu::testing {
namespace {

template <class T>
class RowProductsKernel : public ::testing::Test {};
TYPED_TEST_SUITE(RowProductsKernel, ScalarTypes);

std::vector<int64_t> sizes() {
  std::vector<int64_t> sizes = {100, 1000, 16384};
  for (int64_t size = 0; size <= 40; ++size) sizes.push_back(size);
  return sizes;
}

TYPED_TEST(RowProductsKernel, AgreesWithPlainLoops) {
  for_each_target([] {
    for (const int64_t n : sizes()) {
      SCOPED_TRACE("n " + std::to_string(n));
      std::mt19937 generator(static_cast<uint32_t>(n));
      std::normal_distribution<double> draw(1.0, 2.0);
      const auto t = draw_numbers<TypeParam>(n, [&] { return draw(generator); });
      const auto p = draw_numbers<TypeParam>(n, [&] { return draw(generator); });
      for (const double shift : {0.0, 0.75}) {
        long double want[5] = {};
        for (int64_t i = 0; i < n; ++i) {
          const long double x = as_double(t[i]) - shift;
          const long double y = as_double(p[i]) - 2 * shift;
          want[0] += x, want[1] += y, want[2] += x * x, want[3] += y * y, want[4] += x * y;
        }
        const auto got = row_products(t.data(), p.data(), n, shift, 2 * shift);
        const double sums[5] = {got.t, got.p, got.tt, got.pp, got.tp};
        for (int k = 0; k < 5; ++k) {
          expect_close(sums[k], static_cast<double>(want[k]), 1e-14 * (1.0 + 10.0 * n));
        }
      }
    }
  });
}

TYPED_TEST(RowProductsKernel, ManyRowsHaveTheSumsOfEach) {
  for_each_target([] {
    constexpr int64_t kRows = 3;
    for (const int64_t n : sizes()) {
      SCOPED_TRACE("n " + std::to_string(n));
      std::mt19937 generator(static_cast<uint32_t>(n));
      std::normal_distribution<double> draw(0.0, 1.0);
      const auto t = draw_numbers<TypeParam>(kRows * n, [&] { return draw(generator); });
      const auto p = draw_numbers<TypeParam>(kRows * n, [&] { return draw(generator); });
      std::vector<RowProducts> got(kRows + 1, RowProducts{.t = 7});
      products_of_rows(t.data(), p.data(), kRows, n, got.data());
      for (int64_t row = 0; row < kRows; ++row) {
        const auto want = row_products(t.data() + row * n, p.data() + row * n, n);
        EXPECT_EQ(got[row].t, want.t);
        EXPECT_EQ(got[row].p, want.p);
        EXPECT_EQ(got[row].tt, want.tt);
        EXPECT_EQ(got[row].pp, want.pp);
        EXPECT_EQ(got[row].tp, want.tp);
      }
      EXPECT_EQ(got[kRows].t, 7) << "wrote past the end";
    }
  });
}

TYPED_TEST(RowProductsKernel, WritesLinearGradients) {
  for_each_target([] {
    const LinearGradient gradient{.scale = 0.5, .of_true = 2.0, .of_pred = -3.0, .constant = 0.25};
    for (const int64_t n : sizes()) {
      SCOPED_TRACE("n " + std::to_string(n));
      std::mt19937 generator(static_cast<uint32_t>(n));
      std::normal_distribution<double> draw(0.0, 1.0);
      const auto t = draw_numbers<TypeParam>(n, [&] { return draw(generator); });
      const auto p = draw_numbers<TypeParam>(n, [&] { return draw(generator); });
      Misaligned<TypeParam> grad(static_cast<size_t>(n + 1), from_compute<TypeParam>(7));
      write_linear_gradient(t.data(), p.data(), n, gradient, grad.data());
      for (int64_t i = 0; i < n; ++i) {
        const double want = 0.5 * (2.0 * as_double(t[i]) - 3.0 * as_double(p[i]) + 0.25);
        const double small = std::is_same_v<TypeParam, float> ? 1e-6 : 1e-14;
        expect_close(as_double(grad[i]), want, rounding<TypeParam>(want) + small);
      }
      EXPECT_EQ(as_double(grad[n]), 7) << "wrote past the end";
    }
  });
}

TYPED_TEST(RowProductsKernel, SquaresOfLargeFloatsDoNotOverflow) {
  if constexpr (std::is_same_v<TypeParam, double>) return;
  for_each_target([] {
    const double large = std::is_same_v<TypeParam, Float16> ? 60000.0 : 0x1p120;
    const auto x = draw_numbers<TypeParam>(33, [&] { return large; });
    const auto sums = row_products(x.data(), x.data(), 33);
    const double square = as_double(x[0]) * as_double(x[0]);
    expect_close(sums.tt / square, 33, 1e-12);
  });
}

}  // namespace
}  // namespace assay::kernels::cpu::testing
