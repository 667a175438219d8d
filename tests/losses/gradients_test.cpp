// SPDX-License-Identifier: Apache-2.0
// Derivatives of every loss: against finite differences in float64 at the golden files' random
// points, which stay clear of kinks, for every option, shape, weight and reduction there.
#include <assay/core/options/config.h>
#include <assay/losses/registry.h>
#include <assay/tests/testing/check.h>
#include <assay/tests/testing/differences.h>
#include <assay/tests/testing/golden.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <set>

namespace assay::losses {
namespace {

using assay::testing::cotangent;
using assay::testing::golden_cases;
using assay::testing::GoldenCase;
using assay::testing::near;
using assay::testing::not_contiguous;
using assay::testing::numerical_derivative;
using assay::testing::numerical_gradient;
using assay::testing::one_case_per_config;
using assay::testing::random_cases;
using assay::testing::same_bits;
using assay::testing::step_scale;

using Tensors = std::vector<at::Tensor>;

// Losses whose labels name classes: there is nothing to differentiate by.
bool has_class_labels(const std::string& name) {
  static const std::set<std::string> classes = {"SparseCategoricalCrossentropy",
                                                "SparseCategoricalFocalCrossentropy", "CTC",
                                                "Circle", "CategoricalGeneralizedCrossEntropy"};
  return classes.contains(name);
}

// A loss with everything that may be differentiated as one list of float64 leaves:
// y_pred, then y_true and sample_weight where the case has them.
struct Problem {
  std::shared_ptr<Loss> loss;
  at::Tensor y_true;  // undefined where it is among the inputs
  Tensors inputs;
  bool is_weighted = false;

  Problem(const std::string& name, const GoldenCase& golden) {
    auto config = golden.config;
    config.erase("dtype");
    loss = from_config(name, config);
    const auto& call = golden.call();
    inputs.push_back(call.y_pred.detach().to(at::kDouble));
    // Shorter than 1, so that no two rows are at the distance 0, where the second derivative jumps.
    if (name == "Circle") inputs[0] = inputs[0] * 0.95;
    if (has_class_labels(name)) {
      y_true = call.y_true;
    } else {
      // Moved off 0 and 1, where labels of classes may have their kinks.
      inputs.push_back(call.y_true.to(at::kDouble) * 0.9 + 0.04);
    }
    is_weighted = call.sample_weight.defined();
    if (is_weighted) inputs.push_back(call.sample_weight.to(at::kDouble));
  }

  // One number: per-sample values come with per-sample output gradients.
  at::Tensor objective(const Tensors& x) const {
    const auto value = loss->forward(y_true.defined() ? y_true : x[1], x[0],
                                     is_weighted ? x.back() : at::Tensor());
    return (value * cotangent(value.sizes(), at::kDouble)).sum();
  }

  Tensors gradients(const Tensors& x, bool create_graph = false) const {
    const at::AutoGradMode with_grad(true);
    Tensors leaves;
    for (const auto& tensor : x) leaves.push_back(tensor.detach().requires_grad_());
    return gradients_at(leaves, create_graph);
  }

  Tensors gradients_at(const Tensors& leaves, bool create_graph) const {
    auto found = torch::autograd::grad({objective(leaves)}, leaves, {}, create_graph, create_graph,
                                       /*allow_unused=*/true);
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (!found[i].defined()) found[i] = at::zeros_like(leaves[i]);
    }
    return found;
  }
};

double largest(const at::Tensor& tensor) {
  return tensor.numel() == 0 ? 0 : tensor.detach().abs().max().item<double>();
}

// Finite differences lose digits in proportion to the largest entry, not to each.
::testing::AssertionResult near_numerical(const at::Tensor& actual, const at::Tensor& numerical) {
  return near(actual, numerical, 1e-6, 1e-8 * std::max(1.0, largest(numerical)));
}

class LossGradients : public ::testing::TestWithParam<std::string> {};

// Of predictions alone, which a kernel computes where there is one, and together with labels and
// weights, which the composed formula does.
TEST_P(LossGradients, AreTheFiniteDifferences) {
  for (const auto& golden : random_cases("losses", GetParam())) {
    ASSAY_TRACE(golden.name);
    const Problem problem(GetParam(), golden);
    const auto gradients = problem.gradients(problem.inputs);
    for (std::size_t i = 0; i < problem.inputs.size(); ++i) {
      ASSAY_TRACE("input " << i);
      auto x = problem.inputs;
      const auto numerical = numerical_gradient(
          [&](const at::Tensor& moved) {
            x[i] = moved;
            return problem.objective(x);
          },
          problem.inputs[i]);
      EXPECT_TRUE(near_numerical(gradients[i], numerical));
      x[i] = problem.inputs[i].detach().clone().requires_grad_();
      const auto value = problem.objective(x);
      const auto alone = torch::autograd::grad({value}, {x[i]}, {}, false, false, true)[0];
      EXPECT_TRUE(near_numerical(alone, numerical));
    }
  }
}

TEST_P(LossGradients, OfSecondOrderAreTheFiniteDifferencesOfTheFirst) {
  for (const auto& golden : random_cases("losses", GetParam())) {
    ASSAY_TRACE(golden.name);
    const Problem problem(GetParam(), golden);
    Tensors leaves;
    Tensors direction;
    for (const auto& input : problem.inputs) {
      leaves.push_back(input.detach().clone().requires_grad_());
      direction.push_back(cotangent(input.sizes(), at::kDouble) * step_scale(input));
    }
    const auto gradients = problem.gradients_at(leaves, /*create_graph=*/true);
    auto along = at::zeros({}, at::kDouble);
    for (std::size_t i = 0; i < leaves.size(); ++i)
      along = along + (gradients[i] * direction[i]).sum();
    auto products = along.requires_grad()
                        ? torch::autograd::grad({along}, leaves, {}, false, false, true)
                        : Tensors(leaves.size());
    for (std::size_t i = 0; i < leaves.size(); ++i) {
      ASSAY_TRACE("input " << i);
      if (!products[i].defined()) products[i] = at::zeros_like(leaves[i]);
      const auto numerical = numerical_derivative([&](double s) {
        Tensors moved;
        for (std::size_t j = 0; j < leaves.size(); ++j) {
          moved.push_back(problem.inputs[j] + direction[j] * s);
        }
        return problem.gradients(moved)[i];
      });
      EXPECT_TRUE(near_numerical(products[i], numerical));
    }
  }
}

TEST_P(LossGradients, WithAGraphAreThoseWithout) {
  for (const auto& golden : random_cases("losses", GetParam())) {
    ASSAY_TRACE(golden.name);
    const Problem problem(GetParam(), golden);
    auto x = problem.inputs;
    x[0] = x[0].detach().requires_grad_();
    const auto without = torch::autograd::grad({problem.objective(x)}, {x[0]})[0];
    const auto with = torch::autograd::grad({problem.objective(x)}, {x[0]}, {}, true, true)[0];
    EXPECT_TRUE(near(with, without, 1e-10, 1e-14 * std::max(1.0, largest(without))));
  }
}

TEST_P(LossGradients, OfLowPrecisionAgreeWithFloat64) {
  // Twice the spacing of each type: the gradient is rounded to it once.
  const std::map<at::ScalarType, double> tolerances = {
      {at::kFloat, 1e-4}, {at::kHalf, 2e-3}, {at::kBFloat16, 1.6e-2}};
  std::set<at::ScalarType> seen;
  for (const auto& golden : random_cases("losses", GetParam())) {
    const auto dtype = golden.call().y_pred.scalar_type();
    if (!tolerances.contains(dtype)) continue;
    ASSAY_TRACE(golden.name);
    seen.insert(dtype);
    auto config = golden.config;
    config.erase("dtype");
    const auto loss = from_config(GetParam(), config);
    const auto gradient = [&](at::ScalarType type) {
      const auto y_pred = golden.call().y_pred.detach().to(type).clone().requires_grad_();
      const auto value = loss->forward(golden.call().y_true, y_pred, golden.call().sample_weight);
      EXPECT_EQ(value.scalar_type(), type);
      return torch::autograd::grad({value}, {y_pred}, {cotangent(value.sizes(), type)})[0];
    };
    const auto actual = gradient(dtype);
    const auto expected = gradient(at::kDouble);
    const double tolerance = tolerances.at(dtype);
    EXPECT_EQ(actual.scalar_type(), dtype);
    EXPECT_TRUE(near(actual, expected, tolerance, 1e-6 + tolerance * 0.1 * largest(expected)));
  }
  EXPECT_EQ(seen.size(), tolerances.size()) << "the golden file lacks a type of predictions";
}

TEST_P(LossGradients, DoNotDependOnMemoryLayout) {
  for (const auto& golden : random_cases("losses", GetParam())) {
    ASSAY_TRACE(golden.name);
    const Problem problem(GetParam(), golden);
    Tensors scattered;
    for (const auto& input : problem.inputs) scattered.push_back(not_contiguous(input));
    const auto expected = problem.gradients(problem.inputs);
    const auto actual = problem.gradients(scattered);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_TRUE(near(actual[i], expected[i], 1e-12, 1e-14 * std::max(1.0, largest(expected[i]))));
    }
    // An output gradient that is expanded, or strided, is no different either.
    const auto y_pred = scattered[0].detach().requires_grad_();
    auto x = problem.inputs;
    x[0] = y_pred;
    const auto value = problem.loss->forward(problem.y_true.defined() ? problem.y_true : x[1],
                                             y_pred, problem.is_weighted ? x.back() : at::Tensor());
    const auto output_gradient = not_contiguous(cotangent(value.sizes(), at::kDouble));
    EXPECT_TRUE(near(torch::autograd::grad({value}, {y_pred}, {output_gradient})[0], expected[0],
                     1e-12, 1e-14 * std::max(1.0, largest(expected[0]))));
  }
}

TEST_P(LossGradients, OfABatchOfOneAreTheFiniteDifferences) {
  int seen = 0;
  for (const auto& golden : golden_cases("losses", GetParam())) {
    if (golden.name != "batch of one") continue;
    ++seen;
    const Problem problem(GetParam(), golden);
    ASSERT_EQ(problem.inputs[0].size(0), 1);
    auto x = problem.inputs;
    const auto numerical = numerical_gradient(
        [&](const at::Tensor& moved) {
          x[0] = moved;
          return problem.objective(x);
        },
        problem.inputs[0]);
    EXPECT_TRUE(near_numerical(problem.gradients(problem.inputs)[0], numerical));
  }
  EXPECT_EQ(seen, 1);
}

TEST_P(LossGradients, OfAnEmptyBatchAreEmpty) {
  for (const auto& golden : golden_cases("losses", GetParam())) {
    if (!golden.name.starts_with("empty batch")) continue;
    ASSAY_TRACE(golden.name);
    const Problem problem(GetParam(), golden);
    const auto gradients = problem.gradients(problem.inputs, /*create_graph=*/true);
    EXPECT_EQ(gradients[0].sizes(), problem.inputs[0].sizes());
    EXPECT_EQ(gradients[0].numel(), 0);
  }
}

TEST_P(LossGradients, OfMaskedRowsAreZeroWhateverTheyHold) {
  // Circle compares the rows with one another: a masked one still is another's counterpart.
  if (GetParam() == "Circle") GTEST_SKIP() << "rows of Circle do not stand alone";
  int seen = 0;
  for (const auto& golden : random_cases("losses", GetParam())) {
    const Problem problem(GetParam(), golden);
    const auto& y_pred = problem.inputs[0];
    const auto& y_true = problem.y_true.defined() ? problem.y_true : problem.inputs[1];
    const auto values = problem.loss->call(y_true, y_pred).values;
    // Values that have the samples on their first axis; classes on the first axis have not.
    const bool per_sample = values.dim() > 0 && y_pred.dim() > 1 && y_pred.size(0) > 1 &&
                            values.size(0) == y_pred.size(0) &&
                            golden.config.value("axis", Json(-1)) != Json(0);
    if (!per_sample) continue;
    ASSAY_TRACE(golden.name);
    ++seen;
    const auto mask = at::ones({values.size(0)}, at::kBool);
    mask[0].fill_(false);
    const auto gradient = [&](double held, const at::Tensor& y_true) {
      auto leaf = y_pred.clone();
      leaf[0].fill_(held);
      leaf.requires_grad_();
      const auto weight = problem.is_weighted ? problem.inputs.back() : at::Tensor();
      const auto value = problem.loss->forward(y_true, leaf, weight, mask);
      EXPECT_TRUE(value.isfinite().all().item<bool>()) << held;
      return torch::autograd::grad({value}, {leaf}, {cotangent(value.sizes(), at::kDouble)})[0];
    };
    const auto expected = gradient(0.25, y_true);
    for (const double held : {0.25, std::nan(""), HUGE_VAL, -HUGE_VAL}) {
      const auto found = gradient(held, y_true);
      EXPECT_TRUE(same_bits(found[0], at::zeros_like(found[0]))) << "where it holds " << held;
      EXPECT_TRUE(near(found.slice(0, 1), expected.slice(0, 1), 1e-12, 1e-15))
          << "where it holds " << held;
    }
  }
  const auto cases = random_cases("losses", GetParam());
  EXPECT_TRUE(seen > 0 || cases.empty());
}

TEST_P(LossGradients, OfIgnoredRowsAreZeroWhateverTheyHold) {
  const auto entry = registry().entry(GetParam());
  const auto& list = entry.fields->list();
  if (std::none_of(list.begin(), list.end(),
                   [](const auto& field) { return field->name == "ignore_class"; })) {
    GTEST_SKIP() << "no ignore_class";
  }
  for (const bool from_logits : {false, true}) {
    for (const auto* reduction :
         {"none", "sum", "sum_over_batch_size", "mean_with_sample_weight"}) {
      ASSAY_TRACE("from_logits " << from_logits << ", " << reduction);
      const auto loss = from_config(
          GetParam(),
          {{"from_logits", from_logits}, {"ignore_class", 7}, {"reduction", reduction}});
      const auto y_true = torch::tensor({1, 7, 0}, at::kLong);
      const auto gradient = [&](double held) {
        auto leaf =
            torch::tensor({.2, .3, .5, held, held, held, .7, .2, .1}, at::kDouble).view({3, 3});
        leaf.requires_grad_();
        const auto value = loss->forward(y_true, leaf, torch::tensor({1.0, 2.0, 0.5}, at::kDouble));
        EXPECT_TRUE(value.isfinite().all().item<bool>()) << held;
        return torch::autograd::grad({value}, {leaf}, {cotangent(value.sizes(), at::kDouble)})[0];
      };
      const auto expected = gradient(0.25);
      EXPECT_GT(largest(expected[0]), 0);
      for (const double held : {0.25, std::nan(""), HUGE_VAL, -HUGE_VAL}) {
        const auto found = gradient(held);
        EXPECT_TRUE(same_bits(found[1], at::zeros_like(found[1]))) << "where it holds " << held;
        EXPECT_TRUE(near(found, expected, 1e-12, 1e-15)) << "where it holds " << held;
      }
    }
  }
}

TEST_P(LossGradients, OfScalarsAreTheFiniteDifferences) {
  // A scalar has no class axis; the losses that need one refuse it.
  static const std::set<std::string> need_an_axis = {"CTC",
                                                     "CategoricalCrossentropy",
                                                     "CategoricalFocalCrossentropy",
                                                     "CategoricalGeneralizedCrossEntropy",
                                                     "CategoricalHinge",
                                                     "Circle",
                                                     "CosineSimilarity",
                                                     "GaussianNegativeLogLikelihood",
                                                     "SparseCategoricalCrossentropy",
                                                     "SparseCategoricalFocalCrossentropy"};
  const auto y_true = at::full({}, 0.9, at::kDouble);
  const auto y_pred = at::full({}, 0.3, at::kDouble).requires_grad_();
  if (need_an_axis.contains(GetParam())) {
    EXPECT_THAT(testing::value_error([&] { get(GetParam())->forward(y_true, y_pred); }),
                ::testing::HasSubstr("y_pred"));
    return;
  }
  for (const auto& golden : one_case_per_config("losses", GetParam())) {
    ASSAY_TRACE(golden.name);
    auto config = golden.config;
    for (const auto* key : {"axis", "dtype"}) config.erase(key);
    const auto loss = from_config(GetParam(), config);
    const auto value = loss->forward(y_true, y_pred);
    EXPECT_EQ(value.dim(), 0);
    const auto gradient = torch::autograd::grad({value}, {y_pred})[0];
    EXPECT_TRUE(near_numerical(
        gradient,
        numerical_gradient([&](const at::Tensor& x) { return loss->forward(y_true, x); }, y_pred)));
  }
}

TEST_P(LossGradients, AreNotRecordedWithoutNeed) {
  for (const auto& golden : one_case_per_config("losses", GetParam())) {
    ASSAY_TRACE(golden.name);
    auto config = golden.config;
    config.erase("dtype");
    const auto loss = from_config(GetParam(), config);
    const auto y_pred = golden.call().y_pred.detach().to(at::kDouble);
    EXPECT_FALSE(loss->forward(golden.call().y_true, y_pred).requires_grad());
    const auto leaf = y_pred.clone().requires_grad_();
    EXPECT_TRUE(loss->forward(golden.call().y_true, leaf).requires_grad());
    {
      const at::NoGradGuard no_grad;
      EXPECT_FALSE(loss->forward(golden.call().y_true, leaf).requires_grad());
    }
    const c10::InferenceMode inference;
    EXPECT_TRUE(near(loss->forward(golden.call().y_true, y_pred),
                     loss->forward(golden.call().y_true, y_pred.clone()), 0, 0));
  }
}

INSTANTIATE_TEST_SUITE_P(Every, LossGradients, ::testing::ValuesIn(registry().names()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace assay::losses
