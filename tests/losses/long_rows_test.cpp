// SPDX-License-Identifier: Apache-2.0
// Rows so long that losses take them in pieces, against the same elements in short rows.
#include <assay/losses/registry.h>
#include <assay/tests/testing/check.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <memory>
#include <string>
#include <vector>

namespace assay::losses {
namespace {

using assay::testing::near;
using assay::testing::same_bits;

constexpr std::int64_t kShort = 1000;
constexpr std::int64_t kLong = 40 * kShort;

class LongRows : public ::testing::TestWithParam<std::string> {
 protected:
  std::shared_ptr<Loss> loss(const char* reduction) const {
    return from_config(GetParam(), {{"reduction", reduction}});
  }

  // The values of rows from those of their parts: all are means but the divergence, a sum.
  at::Tensor joined(const at::Tensor& y_true, const at::Tensor& y_pred) const {
    const auto parts = loss("none")
                           ->forward(y_true.reshape({-1, kShort}), y_pred.reshape({-1, kShort}))
                           .view({-1, kLong / kShort});
    return GetParam() == "KLDivergence" ? parts.sum(1) : parts.mean(1);
  }
};

TEST_P(LongRows, AreTheirParts) {
  torch::manual_seed(1);
  for (const auto dtype : {at::kFloat, at::kDouble}) {
    const double tolerance = dtype == at::kFloat ? 2e-6 : 1e-13;
    const auto y_true = torch::rand({3, kLong}, dtype).round();
    const auto y_pred = (torch::rand({3, kLong}, dtype) * 0.9 + 0.05).requires_grad_();
    const auto values = loss("none")->forward(y_true, y_pred);
    const auto expected = joined(y_true, y_pred);
    EXPECT_TRUE(near(values, expected, tolerance, tolerance));
    // Output gradients of each row, then one that is known in the forward pass.
    for (const auto& g : {torch::rand({3}, dtype), torch::full({3}, 1.0 / 3, dtype)}) {
      const auto gradient = torch::autograd::grad({values}, {y_pred}, {g}, true)[0];
      const auto of_parts = torch::autograd::grad({expected}, {y_pred}, {g}, true)[0];
      EXPECT_TRUE(near(gradient, of_parts, tolerance, 1e-3 * tolerance));
    }
    const auto mean =
        torch::autograd::grad({loss("sum_over_batch_size")->forward(y_true, y_pred)}, {y_pred})[0];
    const auto of_parts = torch::autograd::grad({expected.mean()}, {y_pred})[0];
    EXPECT_TRUE(near(mean, of_parts, tolerance, 1e-3 * tolerance));
  }
}

TEST_P(LongRows, DoNotDependOnTheNumberOfThreads) {
  torch::manual_seed(2);
  const auto y_true = torch::rand({kLong}).round();
  const auto y_pred = torch::rand({kLong}).requires_grad_();
  const auto results = [&] {
    const auto value = loss("sum")->forward(y_true, y_pred);
    return std::vector{value.detach(), torch::autograd::grad({value}, {y_pred})[0]};
  };
  const auto before = at::get_num_threads();
  at::set_num_threads(1);
  const auto alone = results();
  at::set_num_threads(4);
  EXPECT_TRUE(same_bits(results(), alone));
  at::set_num_threads(before);
}

INSTANTIATE_TEST_SUITE_P(Elementwise, LongRows,
                         ::testing::Values("BinaryCrossentropy", "BinaryFocalCrossentropy", "Hinge",
                                           "Huber", "KLDivergence", "LogCosh", "MeanAbsoluteError",
                                           "MeanAbsolutePercentageError", "MeanSquaredError",
                                           "MeanSquaredLogarithmicError", "Poisson",
                                           "SquaredHinge"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace assay::losses
