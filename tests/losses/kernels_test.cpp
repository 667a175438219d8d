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

#include <set>
#include <string>

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
    // Twice the loss: no gradient that was made with the values is the one that is asked for.
    const auto called =
        operators_called([&] { (2 * loss->forward(labels, y_pred, weight)).sum().backward(); });
    const auto own = "assay::" + snake_case(GetParam());
    const std::size_t expected = composed().contains(GetParam()) ? 0 : 1;
    EXPECT_EQ(called.count(own + "_forward"), expected);
    EXPECT_EQ(called.count(own + "_backward"), expected);
  }
}

INSTANTIATE_TEST_SUITE_P(Every, LossKernels, ::testing::ValuesIn(registry().names()),
                         [](const auto& info) { return info.param; });

TEST(LossKernelList, NamesClasses) {
  for (const auto& name : composed()) EXPECT_TRUE(registry().contains(name)) << name;
}

}  // namespace
}  // namespace assay::losses
