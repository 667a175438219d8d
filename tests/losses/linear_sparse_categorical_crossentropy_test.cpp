// SPDX-License-Identifier: Apache-2.0
// Crossentropy of a linear classifier without its logits, against the one with them.
#include <assay/losses/linear_sparse_categorical_crossentropy.h>
#include <assay/losses/sparse_categorical_crossentropy.h>
#include <assay/tests/testing/check.h>
#include <c10/core/Allocator.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>

namespace assay::losses {
namespace {

using assay::testing::near;
using assay::testing::same_bits;
using assay::testing::value_error;
using ::testing::HasSubstr;
using torch::autograd::variable_list;

struct Problem {
  at::Tensor y_true;
  at::Tensor hidden;
  at::Tensor weight;
  at::Tensor bias;

  variable_list leaves() const { return {hidden, weight, bias}; }
};

Problem draw(std::int64_t rows, std::int64_t features, std::int64_t classes, at::ScalarType dtype) {
  torch::manual_seed(rows + classes);
  const auto leaf = [&](at::IntArrayRef shape) {
    return torch::randn(shape, at::kDouble).to(dtype).requires_grad_();
  };
  return {torch::randint(0, classes, {rows}, at::kLong), leaf({rows, features}),
          leaf({classes, features}), leaf({classes})};
}

struct Option {
  std::optional<std::int64_t> ignore_class;
  double label_smoothing = 0;
};

at::Tensor with_logits(const Problem& problem, const Option& option) {
  const auto dtype = problem.hidden.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
  const auto logits =
      torch::matmul(problem.hidden.to(dtype), problem.weight.to(dtype).t()) + problem.bias;
  return sparse_categorical_crossentropy(problem.y_true, logits, true, option.ignore_class, -1,
                                         option.label_smoothing);
}

at::Tensor without_logits(const Problem& problem, const Option& option) {
  return linear_sparse_categorical_crossentropy(problem.y_true, problem.hidden, problem.weight,
                                                problem.bias, option.ignore_class,
                                                option.label_smoothing);
}

Problem in_double(const Problem& problem) {
  const auto leaf = [](const at::Tensor& t) { return t.detach().to(at::kDouble).requires_grad_(); };
  return {problem.y_true, leaf(problem.hidden), leaf(problem.weight), leaf(problem.bias)};
}

void expect_gradients(const variable_list& gradients, const variable_list& wanted,
                      double tolerance) {
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto largest = wanted[i].abs().max().item<double>();
    EXPECT_TRUE(near(gradients[i].to(at::kDouble), wanted[i], tolerance, tolerance * largest)) << i;
  }
}

void expect_same(const Problem& problem, const Option& option, double tolerance) {
  const auto truth = in_double(problem);
  const auto expected = with_logits(truth, option);
  const auto values = without_logits(problem, option);
  EXPECT_TRUE(near(values.to(at::kDouble), expected, tolerance, tolerance));
  // Each row with an output gradient of its own, some of them 0.
  const auto g = torch::randn_like(values) * torch::rand_like(values).gt(0.2);
  expect_gradients(torch::autograd::grad({values}, problem.leaves(), {g}),
                   torch::autograd::grad({expected}, truth.leaves(), {g.to(at::kDouble)}),
                   tolerance);
}

const Option kOptions[] = {
    {}, {.ignore_class = 0}, {.label_smoothing = 0.1}, {.ignore_class = 0, .label_smoothing = 0.3}};

TEST(LinearSparseCategoricalCrossentropy, IsThatOfTheLogits) {
  for (const auto& option : kOptions) {
    expect_same(draw(7, 3, 5, at::kDouble), option, 1e-12);
    expect_same(draw(1, 1, 1, at::kDouble), option, 1e-12);
    expect_same(draw(40, 8, 300, at::kFloat), option, 1e-5);
  }
}

TEST(LinearSparseCategoricalCrossentropy, CrossesBlocksOfRowsAndOfClasses) {
  for (const auto& option : kOptions) {
    expect_same(draw(9000, 4, 1200, at::kFloat), option, 2e-5);
    expect_same(draw(3, 4, 1500000, at::kFloat), option, 2e-5);
  }
}

TEST(LinearSparseCategoricalCrossentropy, SixteenBitsComputeInFloat32) {
  for (const auto dtype : {at::kBFloat16, at::kHalf}) {
    const auto problem = draw(50, 16, 200, dtype);
    const auto values = without_logits(problem, {});
    EXPECT_EQ(values.scalar_type(), at::kFloat);
    EXPECT_TRUE(near(values, with_logits(problem, {}), 1e-5, 1e-5));
    values.sum().backward();
    for (const auto& leaf : problem.leaves()) EXPECT_EQ(leaf.grad().scalar_type(), dtype);
    const auto expected = torch::autograd::grad({with_logits(problem, {}).sum()}, problem.leaves());
    const double digits = dtype == at::kHalf ? 2e-3 : 1.6e-2;
    EXPECT_TRUE(near(problem.weight.grad(), expected[1], digits, digits));
  }
}

TEST(LinearSparseCategoricalCrossentropy, IgnoredRowsMayHoldNaN) {
  auto problem = draw(6, 3, 4, at::kDouble);
  const auto clean = problem.hidden.detach();
  problem.y_true = torch::tensor({1, -1, 2, 3, -1, 0});
  auto strange = clean.clone();
  strange[1].fill_(NAN);
  strange[4].fill_(INFINITY);
  for (const double smoothing : {0.0, 0.1}) {
    problem.hidden = strange.clone().requires_grad_();
    const Option option{.ignore_class = -1, .label_smoothing = smoothing};
    LinearSparseCategoricalCrossentropy loss(
        {.ignore_class = -1, .label_smoothing = smoothing, .reduction = Reduction::kSum});
    const auto at_once = torch::autograd::grad(
        {loss(problem.y_true, problem.hidden, problem.weight, problem.bias)}, problem.leaves());
    const auto g = torch::autograd::grad({without_logits(problem, option).sum()}, problem.leaves());
    problem.hidden = clean.clone().requires_grad_();
    const auto expected =
        torch::autograd::grad({with_logits(problem, option).sum()}, problem.leaves());
    for (int i = 0; i < 3; ++i) {
      EXPECT_TRUE(near(g[i], expected[i], 1e-12, 1e-12));
      EXPECT_TRUE(near(at_once[i], expected[i], 1e-12, 1e-12));
    }
    EXPECT_TRUE(same_bits(g[0][1], torch::zeros({3}, at::kDouble)));
  }
}

TEST(LinearSparseCategoricalCrossentropy, TakesAClassifierOfAnyStrides) {
  const auto problem = draw(30, 16, 40, at::kFloat);
  const auto expected = without_logits(problem, {});
  const auto g = torch::autograd::grad({expected.sum()}, problem.leaves());
  for (const auto& weight :
       {problem.weight.detach().t().contiguous().t(),
        torch::cat({problem.weight.detach(), problem.weight.detach()}, 1).slice(1, 0, 16)}) {
    auto strided = problem;
    strided.weight = weight.requires_grad_();
    const auto values = without_logits(strided, {});
    EXPECT_TRUE(near(values, expected, 1e-6, 1e-6));
    expect_gradients(torch::autograd::grad({values.sum()}, strided.leaves()), g, 1e-5);
  }
}

TEST(LinearSparseCategoricalCrossentropy, HasDerivativesOfSecondOrder) {
  const auto problem = draw(5, 3, 4, at::kDouble);
  const Option option{.label_smoothing = 0.2};
  const auto second = [&](const at::Tensor& values) {
    const auto g = torch::autograd::grad({values.square().sum()}, problem.leaves(), {}, true, true);
    return torch::autograd::grad({g[0].square().sum() + g[1].square().sum() + g[2].sum()},
                                 problem.leaves());
  };
  const auto got = second(without_logits(problem, option));
  const auto expected = second(with_logits(problem, option));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(near(got[i], expected[i], 1e-10, 1e-10));
}

TEST(LinearSparseCategoricalCrossentropy, TheModuleWeighsAndReduces) {
  const auto problem = draw(6, 3, 4, at::kFloat);
  const auto weight = torch::rand({6});
  SparseCategoricalCrossentropy expected({.from_logits = true, .ignore_class = 1});
  LinearSparseCategoricalCrossentropy loss({.ignore_class = 1});
  const auto logits = torch::matmul(problem.hidden, problem.weight.t());
  EXPECT_TRUE(near(loss(problem.y_true, problem.hidden, problem.weight),
                   expected(problem.y_true, logits), 1e-5, 1e-6));
  EXPECT_TRUE(near(loss(problem.y_true, problem.hidden, problem.weight, problem.bias, weight),
                   expected(problem.y_true, logits + problem.bias, weight), 1e-5, 1e-6));
  // Leading axes stay, and a trailing 1 falls away.
  const auto values = linear_sparse_categorical_crossentropy(
      problem.y_true.view({2, 3, 1}), problem.hidden.view({2, 3, 3}), problem.weight);
  EXPECT_EQ(values.sizes(), (std::vector<std::int64_t>{2, 3}));
}

TEST(LinearSparseCategoricalCrossentropy, TheModulesGradientsAreThoseOfTheLogits) {
  for (const auto reduction : {Reduction::kSum, Reduction::kSumOverBatchSize}) {
    for (const auto& option : kOptions) {
      for (const auto& problem :
           {draw(9, 3, 5, at::kDouble), draw(9, 3, 1007, at::kDouble), draw(9, 3, 1007, at::kFloat),
            draw(70, 4, 300000, at::kFloat), draw(1, 2, 3, at::kFloat)}) {
        const auto truth = in_double(problem);
        SparseCategoricalCrossentropy with({.from_logits = true,
                                            .ignore_class = option.ignore_class,
                                            .label_smoothing = option.label_smoothing,
                                            .reduction = reduction});
        LinearSparseCategoricalCrossentropy without({.ignore_class = option.ignore_class,
                                                     .label_smoothing = option.label_smoothing,
                                                     .reduction = reduction});
        const auto logits = torch::matmul(truth.hidden, truth.weight.t()) + truth.bias;
        const auto expected = with(problem.y_true, logits);
        const auto loss = without(problem.y_true, problem.hidden, problem.weight, problem.bias);
        const auto tolerance = problem.hidden.scalar_type() == at::kDouble ? 1e-12 : 2e-5;
        EXPECT_TRUE(near(loss.to(at::kDouble), expected, tolerance));
        expect_gradients(torch::autograd::grad({3 * loss}, problem.leaves()),
                         torch::autograd::grad({3 * expected}, truth.leaves()), tolerance);
      }
    }
  }
}

TEST(LinearSparseCategoricalCrossentropy, OfNothingIsNothing) {
  const auto problem = draw(0, 3, 4, at::kFloat);
  const auto values = without_logits(problem, {});
  EXPECT_EQ(values.numel(), 0);
  values.sum().backward();
  EXPECT_TRUE(same_bits(problem.weight.grad(), torch::zeros({4, 3})));
}

TEST(LinearSparseCategoricalCrossentropy, NamesWhatDoesNotFit) {
  const auto problem = draw(6, 3, 4, at::kFloat);
  const auto call = [&](const at::Tensor& y_true, const at::Tensor& weight,
                        const at::Tensor& bias) {
    return value_error(
        [&] { linear_sparse_categorical_crossentropy(y_true, problem.hidden, weight, bias); });
  };
  EXPECT_THAT(call(problem.y_true, torch::rand({4, 2}), {}), HasSubstr("weight is"));
  EXPECT_THAT(call(problem.y_true, problem.weight, torch::rand({3})), HasSubstr("bias is"));
  EXPECT_THAT(call(problem.y_true.slice(0, 1), problem.weight, {}), HasSubstr("y_true has shape"));
  EXPECT_THAT(call(problem.y_true + 4, problem.weight, {}), HasSubstr("holds the label"));
}

// The bytes of tensors that live at once, at most.
class PeakMemory : public c10::MemoryReportingInfoBase {
 public:
  void reportMemoryUsage(void*, std::int64_t change, std::size_t, std::size_t,
                         c10::Device) override {
    now_ += change;
    peak_ = std::max(peak_, now_);
  }
  bool memoryProfilingEnabled() const override { return true; }
  std::int64_t peak() const { return peak_; }

 private:
  std::int64_t now_ = 0;
  std::int64_t peak_ = 0;
};

TEST(LinearSparseCategoricalCrossentropy, NeedsLittleBesideItsGradientsAndTheHiddenStates) {
  const auto problem = draw(4096, 64, 64000, at::kFloat);
  const auto memory = std::make_shared<PeakMemory>();
  std::int64_t gradient_bytes = 0;
  {
    const c10::DebugInfoGuard guard(c10::DebugInfoKind::PROFILER_STATE, memory);
    for (const auto& gradient :
         torch::autograd::grad({without_logits(problem, {}).mean()}, problem.leaves())) {
      gradient_bytes += static_cast<std::int64_t>(gradient.nbytes());
    }
  }
  EXPECT_GE(memory->peak(), gradient_bytes) << "not all was reported";
  const auto hidden_bytes = static_cast<std::int64_t>(problem.hidden.nbytes());
  EXPECT_LT(memory->peak(), gradient_bytes + hidden_bytes + (10 << 20));
}

}  // namespace
}  // namespace assay::losses
