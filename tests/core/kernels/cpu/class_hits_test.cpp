// SPDX-License-Identifier: Apache-2.0
#include <assay/core/kernels/cpu/class_hits.h>
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
struct Problem {
  int64_t rows = 0;
  AxisLayout layout;
  Misaligned<T> scores{0};
  std::vector<int64_t> labels;

  ClassScores<T> input() const { return {scores.data(), layout, labels.data()}; }
  double score(int64_t row, int64_t c) const {
    return as_double(scores[layout.offset(row) + c * layout.inner]);
  }
};

/// Scores from few values, so that there are ties; NaN and infinities in some rows.
template <class T>
Problem<T> draw_problem(int64_t rows, AxisLayout layout, uint32_t seed) {
  std::mt19937 generator(seed);
  Problem<T> problem;
  problem.rows = rows;
  problem.layout = layout;
  const size_t size = (rows + layout.inner - 1) / layout.inner * layout.outer_stride;
  const double values = layout.classes < 20 ? 4 : 40;
  problem.scores = draw_numbers<T>(
      size, [&] { return std::floor(values * std::generate_canonical<double, 32>(generator)); });
  const auto put = [&](int64_t row, double x) {
    const int64_t c = generator() % static_cast<uint32_t>(layout.classes);
    problem.scores[layout.offset(row) + c * layout.inner] =
        from_compute<T>(static_cast<Compute<T>>(x));
  };
  for (int64_t row = 0; row < rows; ++row) {
    problem.labels.push_back(generator() % static_cast<uint32_t>(layout.classes));
    if (row % 5 == 1) put(row, std::numeric_limits<double>::quiet_NaN());
    if (row % 5 == 2) put(row, std::numeric_limits<double>::infinity());
    if (row % 5 == 3) put(row, -std::numeric_limits<double>::infinity());
    if (row % 2 == 0) {
      // Half the labels are the largest score, or one of them.
      for (int64_t c = 0; c < layout.classes; ++c) {
        if (problem.score(row, c) > problem.score(row, problem.labels.back())) {
          problem.labels.back() = c;
        }
      }
    }
    if (row % 7 == 3) problem.labels.back() = kNoClass;
  }
  return problem;
}

template <class T>
void expect_reference(const Problem<T>& problem, int64_t step) {
  const auto rows = static_cast<size_t>(problem.rows);
  const int64_t classes = problem.layout.classes;
  std::vector<float> hit(rows, -7), top_1(rows, -7), top_3(rows, -7);
  std::vector<int64_t> argmax(rows, -7);
  for (int64_t begin = 0; begin < problem.rows; begin += step) {
    const int64_t end = std::min(begin + step, problem.rows);
    EXPECT_EQ(argmax_hits(problem.input(), begin, end, hit.data()), -1);
    EXPECT_EQ(top_k_hits(problem.input(), 1, begin, end, top_1.data()), -1);
    EXPECT_EQ(top_k_hits(problem.input(), 3, begin, end, top_3.data()), -1);
    row_argmax(problem.input(), begin, end, argmax.data());
  }
  for (int64_t row = 0; row < problem.rows; ++row) {
    bool has_nan = false;
    int64_t best = 0;
    int64_t greater = 0;
    for (int64_t c = 0; c < classes; ++c) {
      const double x = problem.score(row, c);
      has_nan = has_nan || std::isnan(x);
      if (x > problem.score(row, best)) best = c;
      if (problem.labels[row] == kNoClass) continue;
      if (x > problem.score(row, problem.labels[row])) ++greater;
    }
    ASSERT_EQ(argmax[row], has_nan ? kNoClass : best) << "row " << row;
    if (problem.labels[row] == kNoClass) has_nan = true;
    ASSERT_EQ(hit[row], !has_nan && best == problem.labels[row] ? 1 : 0) << "row " << row;
    ASSERT_EQ(top_1[row], !has_nan && greater < 1 ? 1 : 0) << "row " << row;
    ASSERT_EQ(top_3[row], !has_nan && greater < 3 ? 1 : 0) << "row " << row;
  }
}

template <class T>
class ClassHitsKernel : public ::testing::Test {};
TYPED_TEST_SUITE(ClassHitsKernel, ScalarTypes);

TYPED_TEST(ClassHitsKernel, AgreesWithPlainLoops) {
  for_each_target([] {
    for (int64_t size = 1; size <= 70; ++size) {
      SCOPED_TRACE("size " + std::to_string(size));
      expect_reference(draw_problem<TypeParam>(size, AxisLayout::contiguous(1 + size % 9), size),
                       23);
      expect_reference(draw_problem<TypeParam>(1 + size % 40, AxisLayout::contiguous(size), size),
                       100);
      if (::testing::Test::HasFailure()) return;
    }
    for (const int64_t classes : {100, 127, 128, 129, 130, 1000}) {
      SCOPED_TRACE("classes " + std::to_string(classes));
      expect_reference(draw_problem<TypeParam>(40, {classes, 1, classes + 3}, 7), 40);
    }
    for (const int64_t classes : {1, 3, 21, 64, 65, 150}) {
      for (const int64_t inner : {2, 16, 19, 70}) {
        SCOPED_TRACE("classes " + std::to_string(classes) + " inner " + std::to_string(inner));
        expect_reference(
            draw_problem<TypeParam>(3 * inner, AxisLayout::contiguous(classes, inner), 7), 11);
      }
    }
  });
}

TYPED_TEST(ClassHitsKernel, NamesTheFirstRowWithABadLabel) {
  for_each_target([] {
    for (const int64_t classes : {3, 300}) {
      for (const int64_t bad : {int64_t{-1}, classes}) {
        auto problem = draw_problem<TypeParam>(50, AxisLayout::contiguous(classes), 1);
        problem.labels[23] = bad;
        problem.labels[30] = bad;
        std::vector<float> hit(50);
        EXPECT_EQ(argmax_hits(problem.input(), 0, 50, hit.data()), 23);
        EXPECT_EQ(argmax_hits(problem.input(), 24, 50, hit.data()), 30);
        EXPECT_EQ(top_k_hits(problem.input(), 2, 0, 50, hit.data()), 23);
      }
    }
  });
}

TYPED_TEST(ClassHitsKernel, OfBinaryLabelsAgreeWithPlainLoops) {
  for_each_target([] {
    for (int64_t n = 0; n <= 70; ++n) {
      std::mt19937 generator(static_cast<uint32_t>(n));
      const auto t = draw_numbers<TypeParam>(n, [&] { return generator() % 5 / 2 * 0.5; });
      const auto p = draw_numbers<TypeParam>(n, [&] {
        if (generator() % 9 == 0) return std::numeric_limits<double>::quiet_NaN();
        return static_cast<double>(generator() % 5) / 4;
      });
      std::vector<float> hit(n + 1, -7);
      binary_hits(t.data(), p.data(), n, Compute<TypeParam>(0.5), hit.data());
      for (int64_t i = 0; i < n; ++i) {
        const double x = as_double(p[i]);
        const bool want = !std::isnan(x) && as_double(t[i]) == (x > 0.5 ? 1 : 0);
        ASSERT_EQ(hit[i], want ? 1 : 0) << "n " << n << " i " << i;
      }
      ASSERT_EQ(hit[n], -7) << "wrote past the end";
    }
  });
}

}  // namespace
}  // namespace assay::kernels::cpu::testing
