// SPDX-License-Identifier: Apache-2.0
// Every loss against the golden values, which were made by Keras and by float64 formulas.
#include <assay/core/dtype.h>
#include <assay/losses/registry.h>
#include <assay/tests/testing/check.h>
#include <assay/tests/testing/golden.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

namespace assay::losses {
namespace {

using assay::testing::golden_cases;
using assay::testing::GoldenCase;
using assay::testing::near;
using assay::testing::not_contiguous;

constexpr std::size_t kFewestCases = 30;

at::ScalarType expected_dtype(const GoldenCase& golden) {
  if (golden.config.contains("dtype")) {
    return dtype_from_name(golden.config["dtype"].get<std::string>()).value();
  }
  const auto dtype = golden.call().y_pred.scalar_type();
  return at::isFloatingType(dtype) ? dtype : at::kFloat;
}

class LossGolden : public ::testing::TestWithParam<std::string> {};

TEST_P(LossGolden, FileHasEnoughCases) {
  ASSERT_TRUE(testing::has_golden_file("losses", GetParam()))
      << "tests/golden/losses/" << GetParam() << ".json is missing; tests/golden/README.md says how"
      << " it is made";
  EXPECT_GE(golden_cases("losses", GetParam()).size(), kFewestCases);
}

TEST_P(LossGolden, ValuesAreThose) {
  for (const auto& golden : golden_cases("losses", GetParam())) {
    ASSAY_TRACE(golden.name);
    const auto loss = from_config(GetParam(), golden.config);
    const auto& [y_true, y_pred, sample_weight] = golden.call();
    const auto value = loss->forward(y_true, y_pred, sample_weight);
    EXPECT_EQ(value.scalar_type(), expected_dtype(golden));
    EXPECT_TRUE(near(value, golden.expected, golden.rtol, golden.atol));
  }
}

TEST_P(LossGolden, ValuesDoNotDependOnMemoryLayout) {
  for (const auto& golden : golden_cases("losses", GetParam())) {
    ASSAY_TRACE(golden.name);
    const auto loss = from_config(GetParam(), golden.config);
    const auto& [y_true, y_pred, sample_weight] = golden.call();
    const auto value = loss->forward(not_contiguous(y_true), not_contiguous(y_pred),
                                     not_contiguous(sample_weight));
    EXPECT_TRUE(near(value, golden.expected, golden.rtol, golden.atol));
  }
}

INSTANTIATE_TEST_SUITE_P(Every, LossGolden, ::testing::ValuesIn(registry().names()),
                         [](const auto& info) { return info.param; });

TEST(LossGoldenFiles, EachBelongsToAClass) {
  for (const auto& name : testing::golden_classes("losses")) {
    EXPECT_TRUE(registry().contains(name)) << name << " has golden values and is no loss";
  }
}

}  // namespace
}  // namespace assay::losses
