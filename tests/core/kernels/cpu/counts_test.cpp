// SPDX-License-Identifier: Apache-2.0
#include <assay/core/kernels/cpu/column_sums.h>
#include <assay/core/kernels/cpu/confusion_matrix.h>
#include <assay/core/kernels/cpu/threshold_histogram.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include "kernel_test.h"

namespace assay::kernels::cpu::testing {
namespace {

TEST(ConfusionMatrixKernel, AgreesWithPlainLoops) {
  for_each_target([] {
    std::mt19937 generator(1);
    for (const int64_t classes : {1, 2, 21, 64, 65}) {
      for (const int64_t size : {0, 1, 100, 30000}) {
        std::vector<int64_t> t, p;
        std::vector<float> weights;
        for (int64_t i = 0; i < size; ++i) {
          t.push_back(static_cast<int64_t>(generator() % (classes + 2)) - 1);
          p.push_back(static_cast<int64_t>(generator() % (classes + 2)) - 1);
          if (generator() % 10 == 0) p.back() = kNoClass;
          // Ids whose lower halves are classes.
          if (generator() % 20 == 0) t.back() += int64_t{1} << 32;
          if (generator() % 20 == 0) p.back() -= int64_t{1} << 32;
          weights.push_back(static_cast<float>(generator() % 8) / 4);
        }
        ClassPairs pairs{t.data(), p.data(), classes, true, 0};
        std::vector<double> want_counts(classes * classes);
        std::vector<double> want_sums(classes * classes);
        std::vector<double> want_missed(classes);
        for (int64_t i = 0; i < size; ++i) {
          if (t[i] == 0) continue;
          if (p[i] == kNoClass && t[i] >= 0 && t[i] < classes) {
            want_missed[t[i]] += weights[i];
            continue;
          }
          if (std::min(t[i], p[i]) < 0 || std::max(t[i], p[i]) >= classes) continue;
          want_counts[t[i] * classes + p[i]] += 1;
          want_sums[t[i] * classes + p[i]] += weights[i];
        }
        std::vector<double> counts(classes * classes);
        std::vector<double> sums(classes * classes);
        std::vector<double> missed(classes);
        add_to_confusion_matrix(pairs, 0, size / 2, {counts.data(), missed.data()});
        add_to_confusion_matrix(pairs, size / 2, size, {counts.data(), missed.data()});
        std::fill(missed.begin(), missed.end(), 0);
        add_to_confusion_matrix(pairs, weights.data(), 0, size, {sums.data(), missed.data()});
        EXPECT_EQ(missed, want_missed);
        EXPECT_EQ(counts, want_counts);
        EXPECT_EQ(sums, want_sums);
      }
    }
  });
}

template <class T>
void expect_binary_pairs(size_t size) {
  std::mt19937 generator(static_cast<uint32_t>(size));
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  const auto one_of = [&](const std::vector<double>& numbers) {
    return numbers[generator() % numbers.size()];
  };
  const double infinity = std::numeric_limits<double>::infinity();
  auto t = draw_numbers<T>(size, [&] { return one_of({0, 1, 0, 1, 2, -1, kNaN, -infinity}); });
  const auto p = draw_numbers<T>(size, [&] {
    return one_of({0, 0.25, 0.5, 0.75, 1, kNaN, infinity, -infinity});
  });
  std::vector<double> weights;
  std::vector<double> want[2] = {std::vector<double>(6), std::vector<double>(6)};
  for (size_t i = 0; i < size; ++i) {
    weights.push_back(static_cast<double>(generator() % 8) / 4);
    const double label = as_double(t[i]);
    const double score = as_double(p[i]);
    if (label != 0 && label != 1) continue;
    const auto at = static_cast<size_t>(2 * label) + (score >= 0.5 ? 1 : 0);
    const auto place = std::isnan(score) ? static_cast<size_t>(4 + label) : at;
    want[0][place] += 1;
    want[1][place] += weights[i];
  }
  const BinaryScores<T> pairs{t.data(), p.data(), Compute<T>(0.5)};
  const auto end = static_cast<int64_t>(size);
  for (const double* by : std::initializer_list<const double*>{nullptr, weights.data()}) {
    std::vector<double> sums(6);
    const ConfusionSums to{sums.data(), sums.data() + 4};
    EXPECT_TRUE(add_to_confusion_matrix(pairs, by, 0, end / 3, to));
    EXPECT_TRUE(add_to_confusion_matrix(pairs, by, end / 3, end, to));
    EXPECT_EQ(sums, want[by == nullptr ? 0 : 1]) << size;
    // A label that is no whole number, wherever it stands.
    const auto strange = generator() % size;
    const auto before = std::exchange(t[strange], from_compute<T>(Compute<T>(0.25)));
    EXPECT_FALSE(add_to_confusion_matrix(pairs, by, 0, end, to)) << strange;
    t[strange] = before;
  }
}

template <class T>
class BinaryPairsKernel : public ::testing::Test {};
TYPED_TEST_SUITE(BinaryPairsKernel, ScalarTypes);

TYPED_TEST(BinaryPairsKernel, AgreesWithPlainLoops) {
  for_each_target([] {
    for (const size_t size : {1, 5, 16, 31, 1024, 3000}) expect_binary_pairs<TypeParam>(size);
  });
}

/// How many thresholds a score is above, as threshold_histogram.h has it.
template <class T>
int64_t bin_of(const ThresholdGrid<T>& grid, T score) {
  if (std::isnan(score)) return 0;
  if (grid.sorted != nullptr) {
    return std::count_if(grid.sorted, grid.sorted + grid.number,
                         [&](T threshold) { return score > threshold; });
  }
  const T clipped = std::clamp(score, T(0), T(1));
  const auto bin = static_cast<int64_t>(std::ceil(clipped * static_cast<T>(grid.number - 1)));
  return grid.has_ends ? std::max<int64_t>(bin, 1) : bin;
}

template <class T>
void expect_histogram(const ThresholdGrid<T>& grid, int64_t size, int64_t columns) {
  std::mt19937 generator(static_cast<uint32_t>(size));
  const auto scores = draw_numbers<T>(static_cast<size_t>(size), [&] {
    // Many of them on a threshold or beside it, and some out of range.
    const double x = static_cast<double>(generator() % 240) / 200 - 0.1;
    if (generator() % 50 == 0) return std::numeric_limits<double>::quiet_NaN();
    if (generator() % 50 == 0) return std::copysign(std::numeric_limits<double>::infinity(), x);
    if (generator() % 3 != 0) return x;
    return static_cast<double>(std::nextafter(static_cast<T>(x), static_cast<T>(x > 0.5)));
  });
  const auto positive = std::make_unique<bool[]>(static_cast<size_t>(size + 1));
  std::vector<double> weights;
  for (int64_t i = 0; i < size; ++i) {
    positive[i] = generator() % 2 == 0;
    weights.push_back(static_cast<double>(generator() % 8) / 4);
  }
  const int64_t bins = grid.number + 1;
  std::vector<int64_t> want_counts(2 * bins * columns);
  std::vector<double> want_sums(2 * bins * columns);
  for (int64_t i = 0; i < size; ++i) {
    const int64_t at = ((positive[i] ? bins : 0) + bin_of(grid, scores[i])) * columns + i % columns;
    want_counts[at] += 1;
    want_sums[at] += weights[i];
  }
  const ScoredLabels<T> input{scores.data(), positive.get(), &read_positive<bool>, columns, grid};
  std::vector<int64_t> counts(2 * bins * columns);
  std::vector<double> sums(2 * bins * columns);
  add_to_threshold_histogram(input, 0, size / 3, counts.data());
  add_to_threshold_histogram(input, size / 3, size, counts.data());
  add_to_threshold_histogram(input, weights.data(), 0, size, sums.data());
  EXPECT_EQ(counts, want_counts);
  EXPECT_EQ(sums, want_sums);
}

template <class T>
class ThresholdHistogramKernel : public ::testing::Test {};
using FloatAndDouble = ::testing::Types<float, double>;
TYPED_TEST_SUITE(ThresholdHistogramKernel, FloatAndDouble);

TYPED_TEST(ThresholdHistogramKernel, AgreesWithPlainLoops) {
  for_each_target([] {
    std::vector<int64_t> sizes = {5000, 40000};
    for (int64_t size = 0; size <= 40; ++size) sizes.push_back(size);
    for (const int64_t size : sizes) {
      for (const int64_t columns : {1, 3}) {
        for (const int64_t number : {1, 2, 3, 11, 17, 200}) {
          for (const bool has_ends : {false, true}) {
            expect_histogram<TypeParam>({number, nullptr, has_ends}, size, columns);
          }
          std::vector<TypeParam> sorted;
          for (int64_t i = 0; i < number; ++i) {
            const double x = static_cast<double>(i) / static_cast<double>(number);
            sorted.push_back(static_cast<TypeParam>(x * x));
          }
          expect_histogram<TypeParam>({number, sorted.data(), false}, size, columns);
          // Evenly spaced; and all but two in one place.
          for (int64_t i = 0; i < number; ++i) {
            sorted[i] =
                static_cast<TypeParam>(static_cast<double>(i) / static_cast<double>(number));
          }
          expect_histogram<TypeParam>({number, sorted.data(), false}, size, columns);
          std::fill(sorted.begin() + 1, sorted.end() - (number > 1 ? 1 : 0), TypeParam(0.5));
          expect_histogram<TypeParam>({number, sorted.data(), false}, size, columns);
        }
      }
    }
  });
}

TEST(ColumnSumsKernel, TheLimitsAreNaNWhereALabelOfSomeWeightIs) {
  for_each_target([] {
    for (const int64_t columns : {1, 3, 8}) {
      for (int64_t strange = 0; strange < 20 * columns; ++strange) {
        std::vector<double> t(20 * columns, 1);
        t[strange] = std::numeric_limits<double>::quiet_NaN();
        std::vector<double> weights(20 * columns, 2);
        for (const double weight : {0.0, 2.0}) {
          weights[strange] = weight;
          std::vector<double> got(6 * columns);
          double* to = got.data();
          add_column_sums<double>({t.data(), t.data(), weights.data(), columns}, 0, 20,
                                  ColumnSums::in_order(to, columns));
          for (int64_t column = 0; column < columns; ++column) {
            const bool hit = column == strange % columns && weight > 0;
            EXPECT_EQ(std::isnan(to[4 * columns + column]), hit) << strange;
            EXPECT_EQ(std::isnan(to[5 * columns + column]), hit) << strange;
          }
        }
      }
    }
  });
}

TEST(ColumnSumsKernel, AgreesWithPlainLoops) {
  std::mt19937 generator(1);
  for (const int64_t columns : {1, 2, 3, 16, 17, 40}) {
    for (const int64_t rows : {0, 1, 15, 16, 17, 100}) {
      const size_t size = rows * columns;
      std::vector<float> t, p;
      std::vector<double> weights;
      for (size_t i = 0; i < size; ++i) {
        t.push_back(static_cast<float>(generator() % 16) / 4);
        p.push_back(static_cast<float>(generator() % 16) / 4);
        weights.push_back(static_cast<double>(generator() % 3));
      }
      for (const bool weighted : {false, true}) {
        constexpr double kInfinity = std::numeric_limits<double>::infinity();
        std::vector<double> want(6 * columns);
        std::fill(want.begin() + 4 * columns, want.begin() + 5 * columns, kInfinity);
        std::fill(want.begin() + 5 * columns, want.end(), -kInfinity);
        auto got = want;
        for (size_t i = 0; i < size; ++i) {
          const double x = t[i];
          const double w = weighted ? weights[i] : 1;
          double* to = want.data() + i % columns;
          to[0] += w * x * x;
          to[columns] += w * x;
          to[2 * columns] += w * (x - p[i]) * (x - p[i]);
          to[3 * columns] += w;
          if (w == 0) continue;
          to[4 * columns] = std::min(to[4 * columns], x);
          to[5 * columns] = std::max(to[5 * columns], x);
        }
        const ColumnInput<float> input{t.data(), p.data(), weighted ? weights.data() : nullptr,
                                       columns};
        double* to = got.data();
        const ColumnSums sums = ColumnSums::in_order(to, columns);
        add_column_sums(input, 0, rows / 3, sums);
        add_column_sums(input, rows / 3, rows, sums);
        EXPECT_EQ(got, want) << rows << " rows, " << columns << " columns";
      }
    }
  }
}

}  // namespace
}  // namespace assay::kernels::cpu::testing
