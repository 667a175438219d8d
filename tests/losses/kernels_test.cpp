// SPDX-License-Identifier: Apache-2.0
// Which losses run their CPU kernels (CTC: LibTorch's), forward and backward, and which the
// composed formula.
#include <assay/core/options/names.h>
#include <assay/losses/registry.h>
#include <assay/tests/testing/check.h>
#include <assay/tests/testing/golden.h>
#include <assay/tests/testing/operators.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

namespace assay::losses {
namespace {

using assay::testing::golden_cases;
using assay::testing::operators_called;

// Classes whose formula is composed of LibTorch's operators. One that gets a kernel leaves the
// list.
const std::set<std::string>& composed() {
  static const std::set<std::string> names = {
      "CategoricalFocalCrossentropy",
      "CategoricalGeneralizedCrossEntropy",
      "CategoricalHinge",
      "Circle",
      "GaussianNegativeLogLikelihood",
      "SparseCategoricalFocalCrossentropy",
  };
  return names;
}

class LossKernels : public ::testing::TestWithParam<std::string> {};

TEST_P(LossKernels, RunWhereThereAreSome) {
  for (const auto& golden : golden_cases("losses", GetParam())) {
    ASSAY_TRACE(golden.name);
    const auto loss = from_config(GetParam(), golden.config);
    const auto& [y_true, given, sample_weight] = golden.call();
    if (!at::isFloatingType(given.scalar_type()) || given.numel() == 0) continue;
    const auto y_pred = given.detach().requires_grad_();
    const auto& labels = y_true;
    const auto& weight = sample_weight;
    const auto called =
        operators_called([&] { loss->forward(labels, y_pred, weight).sum().backward(); });
    int forward = 0;
    int backward = 0;
    for (const auto& name : called) {
      if (!name.starts_with("assay::")) continue;
      forward += name.ends_with("_forward") ? 1 : 0;
      backward += name.ends_with("_backward") ? 1 : 0;
    }
    const int expected = composed().contains(GetParam()) ? 0 : 1;
    EXPECT_EQ(forward, expected);
    EXPECT_EQ(backward, expected);
  }
}

INSTANTIATE_TEST_SUITE_P(Every, LossKernels, ::testing::ValuesIn(registry().names()),
                         [](const auto& info) { return info.param; });

TEST(LossKernelList, NamesClasses) {
  for (const auto& name : composed()) EXPECT_TRUE(registry().contains(name)) << name;
}

}  // namespace
}  // namespace assay::losses
