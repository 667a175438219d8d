// SPDX-License-Identifier: Apache-2.0
// The gradient that a kernel writes with the values: the same, bit for bit, as its backward's, and
// handed out only where it is the one that was asked for.
#include <assay/losses/huber.h>
#include <assay/losses/registry.h>
#include <assay/tests/testing/check.h>
#include <assay/tests/testing/operators.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <functional>
#include <set>
#include <string>

namespace assay::losses {
namespace {

using assay::testing::operators_called;
using assay::testing::same_bits;

struct Problem {
  const char* name;
  const char* loss;
  at::Tensor y_true;
  at::Tensor y_pred;
};

std::vector<Problem> problems() {
  torch::manual_seed(3);
  const auto classes = at::randint(5, {40});
  const auto ignoring = classes.masked_fill(at::arange(40).remainder(3).eq(0), -1);
  const auto one_hot = at::one_hot(classes, 5).to(at::kFloat);
  const auto scores = at::randn({40, 5});
  const auto bits = at::randint(2, {40, 100}).to(at::kFloat);
  const auto logits = at::randn({40, 100});
  return {
      {"huber", R"({"class_name": "Huber", "config": {}})", bits, logits},
      {"bce", R"({"class_name": "BinaryCrossentropy", "config": {}})", bits, logits.sigmoid()},
      {"bce_logits", R"({"class_name": "BinaryCrossentropy", "config": {"from_logits": true}})",
       bits, logits.to(at::kBFloat16)},
      {"log_cosh", R"({"class_name": "LogCosh", "config": {}})", bits, logits.to(at::kDouble)},
      {"sparse",
       R"({"class_name": "SparseCategoricalCrossentropy", "config": {"from_logits": true}})",
       classes, scores},
      {"ignoring",
       R"({"class_name": "SparseCategoricalCrossentropy",
           "config": {"from_logits": true, "ignore_class": -1}})",
       ignoring, scores},
      {"probabilities", R"({"class_name": "SparseCategoricalCrossentropy", "config": {}})", classes,
       scores.softmax(-1)},
      {"dense", R"({"class_name": "CategoricalCrossentropy", "config": {"from_logits": true}})",
       one_hot, scores},
  };
}

class EarlyGradient : public ::testing::TestWithParam<std::size_t> {
 protected:
  Problem problem = problems()[GetParam()];
  std::shared_ptr<Loss> loss = get(Json::parse(problem.loss));
  at::Tensor y_pred = problem.y_pred.detach().requires_grad_();

  at::Tensor forward() const { return loss->forward(problem.y_true, y_pred); }
  at::Tensor gradient(const at::Tensor& value, bool retain = false) const {
    return torch::autograd::grad({value}, {y_pred}, {}, retain)[0];
  }
  /// From the backward kernel.
  at::Tensor late_gradient(const at::Tensor& value) const {
    gradient(value, true);
    return gradient(value, true);
  }
};

bool has_backward(const std::set<std::string>& called) {
  for (const auto& name : called) {
    if (name.starts_with("assay::") && name.ends_with("_backward")) return true;
  }
  return false;
}

TEST_P(EarlyGradient, IsWhatBackwardComputes) {
  const auto value = forward();
  const auto late = late_gradient(forward());
  at::Tensor early;
  EXPECT_FALSE(has_backward(operators_called([&] { early = gradient(value); })));
  EXPECT_TRUE(same_bits(early, late));
  EXPECT_TRUE(same_bits(value, loss->forward(problem.y_true, y_pred.detach())));
}

TEST_P(EarlyGradient, IsForASumToo) {
  auto config = loss->get_config();
  config["reduction"] = "sum";
  loss = from_config(loss->class_name(), config);
  const auto value = forward();
  const auto late = late_gradient(forward());
  at::Tensor early;
  EXPECT_FALSE(has_backward(operators_called([&] { early = gradient(value); })));
  EXPECT_TRUE(same_bits(early, late));
}

TEST_P(EarlyGradient, IsNotForAnotherLossGradient) {
  const auto late = late_gradient(forward());
  const auto value = forward() * 2;
  at::Tensor twice;
  EXPECT_TRUE(has_backward(operators_called([&] { twice = gradient(value); })));
  EXPECT_TRUE(same_bits(twice, late * 2));
}

TEST_P(EarlyGradient, BelongsToWhomItWasHanded) {
  const auto value = forward();
  auto first = gradient(value, true);
  const auto kept = first.clone();
  first.zero_();
  EXPECT_TRUE(same_bits(gradient(value), kept));
}

TEST_P(EarlyGradient, IsNotMadeUnasked) {
  // Weights and masks change the gradients of the values, `none` leaves them open, and without a
  // gradient to compute there is none to make: the backward kernel then runs.
  const auto weight = at::full({40}, 0.5);
  at::Tensor value = loss->forward(problem.y_true, y_pred, weight);
  EXPECT_TRUE(has_backward(operators_called([&] { gradient(value); })));
  value = loss->forward(problem.y_true, y_pred, {}, at::arange(40).lt(20));
  EXPECT_TRUE(has_backward(operators_called([&] { gradient(value); })));
  auto config = loss->get_config();
  config["reduction"] = "none";
  value = from_config(loss->class_name(), config)->forward(problem.y_true, y_pred);
  EXPECT_TRUE(has_backward(operators_called([&] { gradient(value.sum()); })));
}

TEST_P(EarlyGradient, LeavesSecondDerivatives) {
  const auto value = forward();
  const auto first = torch::autograd::grad({value}, {y_pred}, {}, true, true)[0];
  EXPECT_TRUE(first.requires_grad());
  EXPECT_TRUE(assay::testing::near(first.detach().to(at::kDouble),
                                   gradient(forward()).to(at::kDouble), 2e-2, 1e-5));
}

INSTANTIATE_TEST_SUITE_P(Every, EarlyGradient, ::testing::Range<std::size_t>(0, 8),
                         [](const auto& info) { return problems()[info.param].name; });

TEST(EarlyGradientOfFunctions, IsNotMade) {
  const auto y_pred = at::randn({4, 100}).requires_grad_();
  const auto value = huber(at::randn({4, 100}), y_pred).mean();
  EXPECT_TRUE(has_backward(operators_called([&] { torch::autograd::grad({value}, {y_pred}); })));
}

}  // namespace
}  // namespace assay::losses
