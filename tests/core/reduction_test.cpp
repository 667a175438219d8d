// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/reduction.h>
#include <assay/tests/testing/check.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <set>

namespace assay {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::near;
using testing::same_bits;
using testing::value_error;

constexpr std::array kAll = {Reduction::kSum, Reduction::kSumOverBatchSize,
                             Reduction::kMeanWithSampleWeight, Reduction::kNone};

at::Tensor values() { return torch::tensor({1., 4., 9., 16.}, at::kDouble).view({2, 2}); }

double reduce(const at::Tensor& weight, Reduction reduction, const at::Tensor& mask = {}) {
  return reduce_weighted_values(values(), weight, mask, reduction).item<double>();
}

TEST(Reduction, NamesComeBackAndAliasesAreRead) {
  std::set<std::string> names;
  for (const auto reduction : kAll) EXPECT_TRUE(names.insert(to_string(reduction)).second);
  EXPECT_EQ(to_string(Reduction::kSumOverBatchSize), "sum_over_batch_size");
  EXPECT_EQ(to_string(Reduction::kSum), "sum");
  EXPECT_EQ(to_string(Reduction::kMeanWithSampleWeight), "mean_with_sample_weight");
  EXPECT_EQ(to_string(Reduction::kNone), "none");
  EXPECT_THAT(reduction_names(), ::testing::Contains(std::pair<std::string, Reduction>(
                                     "mean", Reduction::kSumOverBatchSize)));
}

TEST(Reduction, WithoutWeights) {
  EXPECT_EQ(reduce({}, Reduction::kSum), 30);
  EXPECT_EQ(reduce({}, Reduction::kSumOverBatchSize), 7.5);
  EXPECT_EQ(reduce({}, Reduction::kMeanWithSampleWeight), 7.5);
  EXPECT_TRUE(same_bits(reduce_weighted_values(values(), {}, {}, Reduction::kNone), values()));
}

TEST(Reduction, AWeightOfTheLeadingAxesIsPerSample) {
  const auto weight = torch::tensor({1., 10.}, at::kDouble);
  EXPECT_EQ(reduce(weight, Reduction::kSum), 5 + 250);
  EXPECT_EQ(reduce(weight, Reduction::kSumOverBatchSize), 255.0 / 4);
  EXPECT_EQ(reduce(weight, Reduction::kMeanWithSampleWeight), 255.0 / 22);
  EXPECT_TRUE(near(reduce_weighted_values(values(), weight, {}, Reduction::kNone),
                   torch::tensor({1., 4., 90., 160.}, at::kDouble).view({2, 2}), 0, 0));
}

TEST(Reduction, AWeightWithALeadingOneScalesColumns) {
  const auto weight = torch::tensor({{1., 10.}}, at::kDouble);
  EXPECT_EQ(reduce(weight, Reduction::kSum), 1 + 40 + 9 + 160);
  EXPECT_EQ(reduce(weight, Reduction::kMeanWithSampleWeight), 210.0 / 22);
}

TEST(Reduction, AScalarWeightScalesSumsAndCancelsInWeightedMeans) {
  const auto weight = at::full({}, 3.0, at::kDouble);
  EXPECT_EQ(reduce(weight, Reduction::kSum), 90);
  EXPECT_EQ(reduce(weight, Reduction::kSumOverBatchSize), 22.5);
  EXPECT_EQ(reduce(weight, Reduction::kMeanWithSampleWeight), 7.5);
}

TEST(Reduction, WeightsThatSumToZeroGiveZero) {
  for (const auto& weight : {at::zeros({2}, at::kDouble), at::zeros({}, at::kDouble)}) {
    for (const auto reduction :
         {Reduction::kSum, Reduction::kSumOverBatchSize, Reduction::kMeanWithSampleWeight}) {
      EXPECT_EQ(reduce(weight, reduction), 0);
    }
  }
}

TEST(Reduction, AMaskedValueLeavesNumeratorAndDenominatorWhateverItHolds) {
  for (const double held : {4.0, std::nan(""), HUGE_VAL}) {
    auto held_values = values();
    held_values[0][1].fill_(held);
    const auto mask = torch::tensor({1, 0, 1, 1}).view({2, 2}).to(at::kBool);
    const auto result = [&](Reduction reduction, const at::Tensor& weight = {}) {
      return reduce_weighted_values(held_values, weight, mask, reduction).item<double>();
    };
    EXPECT_EQ(result(Reduction::kSum), 26);
    EXPECT_EQ(result(Reduction::kSumOverBatchSize), 26.0 / 3);
    EXPECT_EQ(result(Reduction::kMeanWithSampleWeight), 26.0 / 3);
    const auto weight = torch::tensor({2., 1.}, at::kDouble);
    EXPECT_EQ(result(Reduction::kSum, weight), 27);
    EXPECT_EQ(result(Reduction::kSumOverBatchSize, weight), 27.0 / 3);
    EXPECT_EQ(result(Reduction::kMeanWithSampleWeight, weight), 27.0 / 4);
    const auto unreduced = reduce_weighted_values(held_values, {}, mask, Reduction::kNone);
    EXPECT_EQ(unreduced[0][1].item<double>(), 0);
  }
}

TEST(Reduction, WhereEverythingIsMaskedTheResultIsZero) {
  for (const auto reduction : kAll) {
    const auto all = at::zeros({}, at::kBool);
    const auto result =
        reduce_weighted_values(at::full({2, 2}, std::nan("")), at::ones({2}), all, reduction);
    EXPECT_TRUE(result.eq(0).all().item<bool>()) << to_string(reduction);
  }
}

TEST(Reduction, ScalarsAndEmptyVectorsReturnAsTheyAre) {
  for (const auto reduction : kAll) {
    const auto scalar = at::full({}, 3.0);
    EXPECT_TRUE(same_bits(reduce_weighted_values(scalar, {}, {}, reduction), scalar));
    EXPECT_TRUE(same_bits(reduce_weighted_values(scalar, at::full({}, 2.0), {}, reduction),
                          at::full({}, 6.0)));
    EXPECT_EQ(reduce_weighted_values(at::zeros({0}), {}, {}, reduction).sizes(),
              at::IntArrayRef({0}));
  }
}

TEST(Reduction, OtherEmptyValuesReduceToZero) {
  for (const auto& shape : std::vector<std::vector<std::int64_t>>{{0, 3}, {2, 0}, {0, 0, 1}}) {
    for (const auto reduction :
         {Reduction::kSum, Reduction::kSumOverBatchSize, Reduction::kMeanWithSampleWeight}) {
      EXPECT_TRUE(
          same_bits(reduce_weighted_values(at::zeros(shape), {}, {}, reduction), at::zeros({})));
      EXPECT_TRUE(same_bits(reduce_weighted_values(at::zeros(shape), at::full({}, 2.0),
                                                   at::ones({}, at::kBool), reduction),
                            at::zeros({})));
    }
    EXPECT_EQ(reduce_weighted_values(at::zeros(shape), {}, {}, Reduction::kNone).sizes(),
              at::IntArrayRef(shape));
  }
}

TEST(Reduction, SumsOfFloat32DoNotStopGrowing) {
  // 2^24 + 1 ones: a float32 accumulator would stop at 2^24.
  const auto ones = at::ones({1}).expand({(1 << 24) + 3});
  EXPECT_EQ(reduce_weighted_values(ones, {}, {}, Reduction::kSumOverBatchSize).item<double>(), 1);
  const auto some = at::full({1}, 0.1f).expand({1 << 22});
  EXPECT_FLOAT_EQ(reduce_weighted_values(some, {}, {}, Reduction::kSum).item<float>(),
                  0.1f * (1 << 22));
}

TEST(Reduction, ErrorsNameTheArgumentAndBothShapes) {
  for (const auto reduction : kAll) {
    EXPECT_THAT(
        value_error([&] { reduce_weighted_values(values(), at::ones({3}), {}, reduction); }),
        AllOf(HasSubstr("sample_weight"), HasSubstr("[3]"), HasSubstr("[2, 2]")));
    EXPECT_THAT(value_error([&] {
                  reduce_weighted_values(values(), {}, at::ones({3}, at::kBool), reduction);
                }),
                AllOf(HasSubstr("mask"), HasSubstr("[3]"), HasSubstr("[2, 2]")));
  }
}

TEST(Reduction, IsDifferentiableInValuesAndWeights) {
  const auto x = values().requires_grad_();
  const auto w = torch::tensor({1., 10.}, at::kDouble).requires_grad_();
  reduce_weighted_values(x, w, {}, Reduction::kMeanWithSampleWeight).backward();
  const double total = 255;
  EXPECT_TRUE(near(x.grad(), torch::tensor({1., 1., 10., 10.}, at::kDouble).view({2, 2}) / 22));
  // d/dw of (5 a + 25 b) / (2 a + 2 b)
  EXPECT_TRUE(near(
      w.grad(), torch::tensor({5 / 22.0 - 2 * total / (22 * 22), 25 / 22.0 - 2 * total / (22 * 22)},
                              at::kDouble)));
}

// ---- the kernel's own paths ---------------------------------------------------------------------

TEST(Reduction, GradientsAreThoseOfTheFormula) {
  const auto mask = torch::tensor({{true, false}, {true, true}});
  for (const auto reduction : kAll) {
    for (const auto& shape : std::vector<std::vector<std::int64_t>>{{}, {2}, {1, 2}, {2, 2}}) {
      for (const bool masked : {false, true}) {
        const auto value = values().requires_grad_();
        const auto weight = (torch::rand(shape, at::kDouble) + 0.5).requires_grad_();
        const auto kept = masked ? mask : at::Tensor();
        const auto reduced = [&](const torch::autograd::variable_list& inputs) {
          return reduce_weighted_values(inputs[0], inputs[1], kept, reduction).sum();
        };
        const auto g = torch::autograd::grad({reduced({value, weight})}, {value, weight});
        const auto with_graph =
            torch::autograd::grad({reduced({value, weight})}, {value, weight}, {}, true, true);
        const auto alone =
            torch::autograd::grad({reduced({value, weight.detach()})}, {value}).at(0);
        // The formula, in LibTorch's operators.
        const auto w =
            (shape == std::vector<std::int64_t>{2} ? weight.unsqueeze(1) : weight).expand({2, 2});
        const auto keep = masked ? mask.to(at::kDouble) : at::ones({2, 2}, at::kDouble);
        auto formula = (value * w * keep).sum();
        if (reduction == Reduction::kSumOverBatchSize) formula = formula / keep.sum();
        if (reduction == Reduction::kMeanWithSampleWeight) formula = formula / (w * keep).sum();
        const auto expected = torch::autograd::grad({formula}, {value, weight});
        for (int i = 0; i < 2; ++i) {
          EXPECT_TRUE(near(g[i], expected[i], 1e-12, 1e-12));
          EXPECT_TRUE(near(with_graph[i], expected[i], 1e-12, 1e-12));
        }
        EXPECT_TRUE(near(alone, expected[0], 1e-12, 1e-12));
      }
    }
  }
}

TEST(Reduction, TheGradientOfAMeanIsOneNumber) {
  const auto value = torch::rand({1000}).requires_grad_();
  const auto mean = reduce_weighted_values(value, {}, {}, Reduction::kSumOverBatchSize);
  const auto g = torch::autograd::grad({mean}, {value}).at(0);
  EXPECT_EQ(g.stride(0), 0);
}

TEST(Reduction, DoesNotDependOnTheNumberOfThreads) {
  const auto value = torch::randn({300000});
  const auto weight = torch::rand({300000});
  const auto threads = at::get_num_threads();
  at::Tensor first;
  for (const int number : {1, 2, 3}) {
    at::set_num_threads(number);
    const auto sum = reduce_weighted_values(value, weight, {}, Reduction::kMeanWithSampleWeight);
    if (number == 1) first = sum;
    EXPECT_TRUE(same_bits(sum, first));
  }
  at::set_num_threads(threads);
}

}  // namespace
}  // namespace assay
