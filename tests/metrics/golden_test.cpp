// SPDX-License-Identifier: Apache-2.0
// Every metric against the golden values, which were made by Keras, scikit-learn, SciPy and float64
// formulas.
#include <assay/core/dtype.h>
#include <assay/metrics/registry.h>
#include <assay/tests/testing/check.h>
#include <assay/tests/testing/golden.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

namespace assay::metrics {
namespace {

using assay::testing::golden_cases;
using assay::testing::GoldenCase;
using assay::testing::near;
using assay::testing::not_contiguous;
using assay::testing::same_bits;

constexpr std::size_t kFewestCases = 30;

at::ScalarType expected_dtype(const GoldenCase& golden) {
  if (!golden.config.contains("dtype")) return at::kFloat;
  return dtype_from_name(golden.config["dtype"].get<std::string>()).value();
}

class MetricGolden : public ::testing::TestWithParam<std::string> {};

TEST_P(MetricGolden, FileHasEnoughCases) {
  ASSERT_TRUE(testing::has_golden_file("metrics", GetParam()))
      << "tests/golden/metrics/" << GetParam()
      << ".json is missing; tests/golden/README.md says how it is made";
  EXPECT_GE(golden_cases("metrics", GetParam()).size(), kFewestCases);
}

TEST_P(MetricGolden, ResultsAreThose) {
  for (const auto& golden : golden_cases("metrics", GetParam())) {
    ASSAY_TRACE(golden.name);
    const auto metric = from_config(GetParam(), golden.config);
    for (const auto& [y_true, y_pred, sample_weight] : golden.calls) {
      metric->update_state(y_true, y_pred, sample_weight);
    }
    const auto result = metric->result();
    EXPECT_EQ(result.scalar_type(), expected_dtype(golden));
    EXPECT_TRUE(near(result, golden.expected, golden.rtol, golden.atol));
  }
}

TEST_P(MetricGolden, ResultsDoNotDependOnMemoryLayoutOrAnEarlierRun) {
  for (const auto& golden : golden_cases("metrics", GetParam())) {
    ASSAY_TRACE(golden.name);
    const auto metric = from_config(GetParam(), golden.config);
    at::Tensor first;
    for (int run = 0; run < 2; ++run) {
      metric->reset_state();
      for (const auto& [y_true, y_pred, sample_weight] : golden.calls) {
        metric->update_state(not_contiguous(y_true), not_contiguous(y_pred),
                             not_contiguous(sample_weight));
      }
      const auto result = metric->result();
      EXPECT_TRUE(near(result, golden.expected, golden.rtol, golden.atol));
      if (run == 0) first = result;
      EXPECT_TRUE(same_bits(result, first)) << "after reset_state";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Every, MetricGolden, ::testing::ValuesIn(registry().names()),
                         [](const auto& info) { return info.param; });

TEST(MetricGoldenFiles, EachBelongsToAClass) {
  for (const auto& name : testing::golden_classes("metrics")) {
    EXPECT_TRUE(registry().contains(name)) << name << " has golden values and is no metric";
  }
}

}  // namespace
}  // namespace assay::metrics
