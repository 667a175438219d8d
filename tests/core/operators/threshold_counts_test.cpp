// SPDX-License-Identifier: Apache-2.0
// Counts at thresholds against the definition: a comparison of each score with each threshold.
#include <ATen/CPUGeneratorImpl.h>
#include <assay/core/operators/threshold_counts.h>
#include <assay/tests/testing/check.h>

#include <cmath>
#include <limits>

namespace assay {
namespace {

using assay::testing::near;
using assay::testing::same_bits;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct ThresholdCounts {
  at::Tensor true_positives;
  at::Tensor false_positives;
  at::Tensor true_negatives;
  at::Tensor false_negatives;
};

std::vector<at::Tensor> as_list(const ThresholdCounts& counts) {
  return {counts.true_positives, counts.false_positives, counts.true_negatives,
          counts.false_negatives};
}

ThresholdCounts accumulate_threshold_counts(const at::Tensor& y_true, const at::Tensor& y_pred,
                                            const at::Tensor& weight, const Thresholds& thresholds,
                                            bool per_label) {
  std::vector<std::int64_t> shape = {thresholds.size()};
  if (per_label) shape.push_back(y_pred.size(1));
  const auto zeros = [&] { return at::zeros(shape, at::kDouble); };
  const ThresholdCounts counts{zeros(), zeros(), zeros(), zeros()};
  using enum ThresholdCount;
  add_threshold_counts(as_list(counts),
                       {kTruePositives, kFalsePositives, kTrueNegatives, kFalseNegatives}, y_true,
                       y_pred, weight, thresholds, per_label);
  return counts;
}

ThresholdCounts by_definition(const at::Tensor& y_true, const at::Tensor& y_pred,
                              const at::Tensor& weight, const Thresholds& thresholds,
                              bool per_label) {
  ThresholdCounts counts;
  const auto positive = y_true.ne(0);
  const auto weights =
      weight.defined() ? weight : at::ones(y_pred.sizes(), y_pred.options().dtype(at::kDouble));
  const auto sum = [&](const at::Tensor& chosen) {
    const auto kept = at::where(chosen, weights, 0.0);
    return per_label ? kept.sum(0) : kept.sum();
  };
  std::vector<at::Tensor> lists[4];
  for (const auto threshold : thresholds.values()) {
    const auto claimed = y_pred.gt(threshold);
    lists[0].push_back(sum(positive.logical_and(claimed)));
    lists[1].push_back(sum(positive.logical_not().logical_and(claimed)));
    lists[2].push_back(sum(positive.logical_or(claimed).logical_not()));
    lists[3].push_back(sum(positive.logical_and(claimed.logical_not())));
  }
  return {at::stack(lists[0]), at::stack(lists[1]), at::stack(lists[2]), at::stack(lists[3])};
}

std::vector<Thresholds> several_thresholds() {
  return {Thresholds({0.5}),
          Thresholds({0.25, 0.5, 0.8}),
          Thresholds({0.7, 0.1, 0.7, 0.4}),
          Thresholds({0.0, 0.5, 1.0}),
          Thresholds({-kInfinity}),
          Thresholds::evenly_spaced(2),
          Thresholds::evenly_spaced(33),
          Thresholds::with_ends({0.3, 0.9}),
          Thresholds::with_ends({}),
          Thresholds::evenly_spaced_with_ends(2),
          Thresholds::evenly_spaced_with_ends(200)};
}

TEST(ThresholdCounts, AreThoseOfTheDefinition) {
  auto generator = at::detail::createCPUGenerator(3);
  for (const auto& thresholds : several_thresholds()) {
    for (const auto dtype : {at::kFloat, at::kDouble}) {
      for (const bool per_label : {false, true}) {
        for (const bool weighted : {false, true}) {
          const auto y_true = at::randint(2, {40, 3}, generator, at::kLong);
          const auto y_pred = at::rand({40, 3}, generator, dtype);
          // Whole weights: sums are exact in any order.
          const auto weight = weighted
                                  ? at::randint(5, {40, 1}, generator, at::kDouble).expand({40, 3})
                                  : at::Tensor();
          const auto counts =
              accumulate_threshold_counts(y_true, y_pred, weight, thresholds, per_label);
          const auto expected = by_definition(y_true, y_pred, weight, thresholds, per_label);
          EXPECT_TRUE(same_bits(as_list(counts), as_list(expected)))
              << thresholds.size() << " thresholds, " << dtype << ", per label " << per_label;
        }
      }
    }
  }
}

TEST(ThresholdCounts, AScoreAtAThresholdIsNotAbove) {
  for (const auto dtype : {at::kFloat, at::kDouble}) {
    for (const auto& thresholds : {Thresholds({0.0, 0.5, 1.0}), Thresholds({0.5, 1.0, 0.0})}) {
      const auto y_pred = at::tensor(thresholds.values(), dtype);
      const auto counts = accumulate_threshold_counts(at::ones({3}), y_pred, {}, thresholds, false);
      for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(counts.true_positives[static_cast<std::int64_t>(i)].item<double>(),
                  2 - 2 * thresholds.values()[i]);
      }
    }
  }
  // 0.3 is another number in float32; the threshold becomes that one.
  const auto y_pred = at::tensor({0.3}, at::kFloat);
  const auto counts =
      accumulate_threshold_counts(at::ones({1}), y_pred, {}, Thresholds({0.3}), false);
  EXPECT_EQ(counts.true_positives.item<double>(), 0);
}

TEST(ThresholdCounts, ANaNIsAboveNothingAndEverythingFiniteIsAboveTheLowerEnd) {
  const auto y_true = at::tensor({1, 1, 1, 0, 0, 0});
  const auto y_pred = at::tensor({kNaN, -kInfinity, 0.0, kNaN, 0.0, 1.0});
  for (const auto& thresholds :
       {Thresholds::evenly_spaced_with_ends(5), Thresholds::with_ends({0.3})}) {
    const auto counts = accumulate_threshold_counts(y_true, y_pred, {}, thresholds, false);
    const double clipped = thresholds.is_evenly_spaced() ? 1 : 0;
    EXPECT_EQ(counts.true_positives[0].item<double>(), 1 + clipped);
    EXPECT_EQ(counts.false_positives[0].item<double>(), 2);
    EXPECT_EQ(counts.true_negatives[0].item<double>(), 1);
    EXPECT_EQ(counts.false_positives[-1].item<double>(), 0);
    EXPECT_EQ(counts.true_negatives[-1].item<double>(), 3);
  }
}

TEST(ThresholdCounts, AreNeverDifferencesOfSums) {
  // 1e16 + 1 is 1e16: what is counted by subtraction would be lost.
  const auto weight = at::tensor({1e16, 1.0}, at::kDouble);
  const auto counts = accumulate_threshold_counts(at::ones({2}), at::tensor({0.9, 0.1}), weight,
                                                  Thresholds({0.5}), false);
  EXPECT_EQ(counts.true_positives.item<double>(), 1e16);
  EXPECT_EQ(counts.false_negatives.item<double>(), 1);
  const auto infinite = at::tensor({kInfinity, 1.0}, at::kDouble);
  const auto with_infinity = accumulate_threshold_counts(at::ones({2}), at::tensor({0.9, 0.1}),
                                                         infinite, Thresholds({0.5}), false);
  EXPECT_EQ(with_infinity.true_positives.item<double>(), kInfinity);
  EXPECT_EQ(with_infinity.false_negatives.item<double>(), 1);
  EXPECT_EQ(with_infinity.false_positives.item<double>(), 0);
}

TEST(ThresholdCounts, OfNothingAreZero) {
  for (const auto& thresholds : several_thresholds()) {
    const auto counts =
        accumulate_threshold_counts(at::ones({0, 2}), at::ones({0, 2}), {}, thresholds, true);
    for (const auto& count : as_list(counts)) {
      EXPECT_TRUE(same_bits(count, at::zeros({thresholds.size(), 2}, at::kDouble)));
    }
  }
}

TEST(Thresholds, KnowWhetherTheyAreEvenlySpaced) {
  EXPECT_TRUE(Thresholds({0, 0.25, 0.5, 0.75, 1}).is_evenly_spaced());
  EXPECT_TRUE(Thresholds({0, 0.3333333, 0.6666667, 1}).is_evenly_spaced());
  EXPECT_FALSE(Thresholds({0, 0.333, 0.667, 1}).is_evenly_spaced());
  EXPECT_FALSE(Thresholds({1, 0.5, 0}).is_evenly_spaced());
  EXPECT_FALSE(Thresholds({0, 1}).is_evenly_spaced());
  EXPECT_FALSE(Thresholds({0.5}).is_evenly_spaced());
  EXPECT_TRUE(Thresholds::with_ends({0.25, 0.75, 0.5}).is_evenly_spaced());
  EXPECT_FALSE(Thresholds::with_ends({0.25, 0.75}).is_evenly_spaced());
  EXPECT_TRUE(Thresholds::evenly_spaced(2).is_evenly_spaced());
}

TEST(Thresholds, KeepTheOrderInWhichTheyWereGiven) {
  const Thresholds thresholds({0.7, 0.1, 0.4});
  EXPECT_THAT(thresholds.values(), ::testing::ElementsAre(0.7, 0.1, 0.4));
  EXPECT_THAT(thresholds.sorted(), ::testing::ElementsAre(0.1, 0.4, 0.7));
  EXPECT_THAT(thresholds.positions(), ::testing::ElementsAre(2, 0, 1));
  EXPECT_THAT(Thresholds::evenly_spaced(3).values(), ::testing::ElementsAre(0, 0.5, 1));
  EXPECT_THAT(Thresholds::evenly_spaced(1).values(), ::testing::ElementsAre(0.5));
  EXPECT_THAT(Thresholds::evenly_spaced_with_ends(3).values(),
              ::testing::ElementsAre(-1e-7, 0.5, 1 + 1e-7));
}

}  // namespace
}  // namespace assay
