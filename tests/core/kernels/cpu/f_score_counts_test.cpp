// SPDX-License-Identifier: Apache-2.0
#include <assay/core/kernels/cpu/f_score_counts.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "kernel_test.h"

namespace assay::kernels::cpu::testing {
namespace {

template <class T>
void expect_counts(int64_t rows, int64_t labels, bool weighted, bool has_threshold) {
  std::mt19937 generator(static_cast<uint32_t>(rows * 1000 + labels));
  const auto size = static_cast<size_t>(rows * labels);
  const auto t = draw_numbers<T>(size, [&] { return static_cast<double>(generator() % 5) / 4; });
  // Ties, zeros and NaN among them.
  const auto p = draw_numbers<T>(size, [&] {
    if (generator() % 40 == 0) return std::numeric_limits<double>::quiet_NaN();
    return static_cast<double>(generator() % 9) / 8 - 0.5;
  });
  std::vector<double> weights;
  for (int64_t row = 0; row < rows; ++row) weights.push_back(generator() % 4);
  const FScoreInput<T> input{.y_true = t.data(),
                             .y_pred = p.data(),
                             .labels = labels,
                             .row_weight = weighted ? weights.data() : nullptr,
                             .has_threshold = has_threshold,
                             .threshold = 0.25};
  std::vector<double> want(static_cast<size_t>(3 * labels));
  for (int64_t row = 0; row < rows; ++row) {
    const double w = weighted ? weights[row] : 1;
    double max = -std::numeric_limits<double>::infinity();
    bool has_nan = false;
    for (int64_t c = 0; c < labels; ++c) {
      const double x = as_double(p[row * labels + c]);
      has_nan = has_nan || std::isnan(x);
      max = std::max(max, x);
    }
    for (int64_t c = 0; c < labels; ++c) {
      const double x = as_double(p[row * labels + c]);
      const double y = as_double(t[row * labels + c]);
      const bool claimed = has_threshold ? x > 0.25 : !has_nan && x == max && x != 0;
      want[c] += claimed ? w * y : 0;
      want[labels + c] += claimed ? w * (1 - y) : 0;
      want[2 * labels + c] += claimed ? 0 : w * y;
    }
  }
  std::vector<double> got(static_cast<size_t>(3 * labels));
  add_f_score_counts(input, 0, rows / 3, got.data());
  add_f_score_counts(input, rows / 3, rows, got.data());
  EXPECT_EQ(got, want);
}

template <class T>
class FScoreCountsKernel : public ::testing::Test {};
TYPED_TEST_SUITE(FScoreCountsKernel, ScalarTypes);

TYPED_TEST(FScoreCountsKernel, AgreesWithPlainLoops) {
  for_each_target([] {
    for (const int64_t rows : {0, 1, 3, 16, 17, 100}) {
      for (const int64_t labels : {1, 2, 3, 4, 10, 63, 64, 65, 150}) {
        SCOPED_TRACE("rows " + std::to_string(rows) + " labels " + std::to_string(labels));
        for (const bool weighted : {false, true}) {
          expect_counts<TypeParam>(rows, labels, weighted, false);
          expect_counts<TypeParam>(rows, labels, weighted, true);
        }
      }
    }
  });
}

}  // namespace
}  // namespace assay::kernels::cpu::testing
