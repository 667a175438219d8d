// SPDX-License-Identifier: Apache-2.0
// The programs of docs/numerics.md.
#include <assay/losses.h>
#include <assay/metrics.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

namespace {

namespace losses = assay::losses;
namespace metrics = assay::metrics;

// clang-format off

TEST(Numerics, SumsAreExact) {
  metrics::Sum sum;
  sum.update_state(torch::tensor(16777216.0F));   // 2^24: the next float32 is 2 away
  sum.update_state(torch::tensor(1.0F));
  auto exact = sum.variables()[0];                // float64: 16777217
  EXPECT_EQ(exact.scalar_type(), at::kDouble);
  EXPECT_EQ(exact.item<double>(), 16777217);
}

TEST(Numerics, ThreadsChangeNothing) {
  torch::manual_seed(0);
  const auto labels = torch::randint(1000, {4096});
  const auto logits = torch::randn({4096, 1000});
  losses::SparseCategoricalCrossentropy loss({.from_logits = true});
  const auto before = at::get_num_threads();

  at::set_num_threads(1);
  const auto alone = loss(labels, logits);
  at::set_num_threads(4);
  TORCH_CHECK(loss(labels, logits).equal(alone));

  at::set_num_threads(before);
}

TEST(Numerics, ProbabilitiesAreClipped) {
  const auto y_true = torch::tensor({{1.0F}, {0.0F}});
  const auto wrong = torch::tensor({{0.0F}, {1.0F}});
  const auto all = [](const at::Tensor& values) { return values.flatten(); };

  const auto costs = losses::binary_crossentropy(y_true, wrong);               // 16.118, 15.942
  const auto logits = torch::tensor({{-1e4F}, {1e4F}});
  const auto true_costs = losses::binary_crossentropy(y_true, logits, true);   // 10000, 10000
  EXPECT_NEAR(all(costs)[0].item<float>(), 16.118, 1e-3);
  EXPECT_NEAR(all(costs)[1].item<float>(), 15.942, 1e-3);
  EXPECT_EQ(all(true_costs)[0].item<float>(), 1e4F);
  EXPECT_EQ(all(true_costs)[1].item<float>(), 1e4F);
}

TEST(Numerics, NarrowTypes) {
  const auto y_true = torch::zeros({4, 8});
  const auto y_pred = torch::ones({4, 8}, torch::kBFloat16);

  const auto narrow = losses::MeanSquaredError()(y_true, y_pred);                           // bfloat16
  const auto wide = losses::MeanSquaredError({.dtype = torch::kFloat})(y_true, y_pred);     // float32
  const auto values = losses::mean_squared_error(y_true, y_pred);                           // float32
  EXPECT_EQ(narrow.scalar_type(), at::kBFloat16);
  EXPECT_EQ(wide.scalar_type(), at::kFloat);
  EXPECT_EQ(values.scalar_type(), at::kFloat);
}

TEST(Numerics, EarlyGradients) {
  const auto y_true = torch::zeros({4, 8});
  const auto model_output = torch::randn({4, 8}).requires_grad_();
  losses::Huber loss;

  loss(y_true, model_output).backward();          // hands out what the forward pass wrote
  const auto early = model_output.grad().clone();
  model_output.mutable_grad().zero_();
  (2 * loss(y_true, model_output)).backward();    // another factor: computed again
  TORCH_CHECK(model_output.grad().equal(2 * early));
}

TEST(Numerics, WhatIsMaskedCountsNowhere) {
  const auto y_true = torch::zeros({2, 1});

  const auto y_pred = torch::tensor({{3.0F}, {NAN}}).requires_grad_();
  auto value = losses::MeanSquaredError()(y_true, y_pred, at::Tensor(), torch::tensor({true, false}));
  value.backward();                               // value 9; gradient 6 and exactly 0
  EXPECT_EQ(value.item<float>(), 9);
  EXPECT_TRUE(y_pred.grad().equal(torch::tensor({{6.0F}, {0.0F}})));
}

// clang-format on

}  // namespace
