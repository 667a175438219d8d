// SPDX-License-Identifier: Apache-2.0
// Schedules: Keras's values, formulas written again here, configurations, bad options.
#include <assay/tests/testing/check.h>
#include <assay/tests/training/testing/files.h>
#include <assay/training/schedules/cosine_decay.h>
#include <assay/training/schedules/cosine_decay_restarts.h>
#include <assay/training/schedules/exponential_decay.h>
#include <assay/training/schedules/learning_rate.h>
#include <assay/training/schedules/piecewise_constant_decay.h>
#include <assay/training/schedules/polynomial_decay.h>
#include <assay/training/schedules/registry.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace assay::training::schedules {
namespace {

using assay::testing::value_error;
using ::testing::HasSubstr;

Json golden() { return Json::parse(testing::read_test_file("golden_schedules.json")); }

std::string error_of(const char* json) {
  return value_error([&] { get(json); });
}

TEST(Schedules, HaveKerasValues) {
  for (const auto& test : golden()) {
    ASSAY_TRACE(test["schedule"].dump());
    const auto schedule = get(test["schedule"]);
    for (std::size_t step = 0; step < test["rates"].size(); ++step) {
      const double expected = test["rates"][step];
      EXPECT_NEAR((*schedule)(static_cast<std::int64_t>(step)), expected, 1e-14) << "step " << step;
    }
  }
}

TEST(Schedules, ConfigurationsAreKeras) {
  for (const auto& test : golden()) {
    const auto schedule = get(test["schedule"]);
    EXPECT_EQ(serialize(*schedule), test["schedule"]);
    EXPECT_EQ(serialize(*get(serialize(*schedule))), test["schedule"]);
  }
}

TEST(Schedules, EachIsInTheGoldenFile) {
  std::set<std::string> tested;
  for (const auto& test : golden()) tested.insert(test["schedule"]["class_name"]);
  for (const auto& name : registry().names()) EXPECT_TRUE(tested.contains(name)) << name;
}

TEST(Schedules, FarStepsStayAtTheEnd) {
  constexpr std::int64_t kFar = std::int64_t{1} << 50;
  EXPECT_EQ(PolynomialDecay({.initial_learning_rate = 1, .decay_steps = 10})(kFar), 0.0001);
  EXPECT_EQ(CosineDecay({.initial_learning_rate = 1, .decay_steps = 10, .alpha = 0.5})(kFar), 0.5);
  EXPECT_EQ(PiecewiseConstantDecay({.boundaries = {1}, .values = {1, 2}})(kFar), 2);
  EXPECT_EQ(
      ExponentialDecay({.initial_learning_rate = 1, .decay_steps = 10, .decay_rate = 0.5})(kFar),
      0);
}

TEST(CosineDecayRestarts, BeginsAgainAtEachRestart) {
  // Periods of 10, 20, 40 ... updates begin at 10 * (2^i - 1).
  const CosineDecayRestarts schedule({.initial_learning_rate = 1, .first_decay_steps = 10});
  for (int i = 0; i < 20; ++i) {
    const std::int64_t restart = 10 * ((std::int64_t{1} << i) - 1);
    EXPECT_DOUBLE_EQ(schedule(restart), 1.0) << restart;
    if (restart > 0) {
      EXPECT_LT(schedule(restart - 1), 0.03) << restart;
    }
  }
}

TEST(CosineDecay, WarmsUpInAStraightLine) {
  const CosineDecay schedule(
      {.initial_learning_rate = 0.1, .decay_steps = 100, .warmup_target = 1.1, .warmup_steps = 10});
  for (int step = 0; step <= 10; ++step) EXPECT_DOUBLE_EQ(schedule(step), 0.1 + 0.1 * step);
  EXPECT_NEAR(schedule(60), 0.55, 1e-15);
  EXPECT_NEAR(schedule(110), 0, 1e-15);
}

TEST(Schedules, RefuseBadOptions) {
  EXPECT_THAT(error_of(R"({"class_name": "ExponentialDecay", "config": {"decay_steps": 1}})"),
              HasSubstr("ExponentialDecay.initial_learning_rate: must be a number of at least 0"));
  EXPECT_THAT(error_of(R"({"class_name": "CosineDecay",
                           "config": {"initial_learning_rate": 1, "decay_steps": 0}})"),
              HasSubstr("CosineDecay.decay_steps: must be a number greater than 0, got 0"));
  EXPECT_THAT(error_of(R"({"class_name": "CosineDecay", "config": {"decay_step": 5}})"),
              HasSubstr("Did you mean 'decay_steps'?"));
  EXPECT_THAT(error_of(R"({"class_name": "CosineDekay", "config": {}})"),
              HasSubstr("Did you mean 'CosineDecay'?"));
  EXPECT_THAT(error_of(R"({"class_name": "PiecewiseConstantDecay",
                           "config": {"boundaries": [1, 2], "values": [1, 2]}})"),
              HasSubstr("expected one more than boundaries"));
  EXPECT_THAT(error_of(R"({"class_name": "PiecewiseConstantDecay",
                           "config": {"boundaries": [2, 2], "values": [1, 2, 3]}})"),
              HasSubstr("must increase"));
  EXPECT_THAT(error_of(R"({"class_name": "PiecewiseConstantDecay",
                           "config": {"boundaries": [], "values": [1]}})"),
              HasSubstr("must be a list of at least one number"));
  EXPECT_THAT(error_of(R"({"class_name": "PiecewiseConstantDecay",
                           "config": {"boundaries": [1], "values": [1, -1]}})"),
              HasSubstr("must be a number of at least 0"));
  EXPECT_THAT(error_of(R"({"class_name": "CosineDecayRestarts",
            "config": {"initial_learning_rate": 1, "first_decay_steps": 1, "t_mul": 0.5}})"),
              HasSubstr("t_mul: must be a number of at least 1"));
}

TEST(LearningRate, IsANumberOrASchedule) {
  EXPECT_EQ(LearningRate(0.5)(1000), 0.5);
  EXPECT_FALSE(LearningRate(0.5).is_schedule());
  const LearningRate falling =
      ExponentialDecay({.initial_learning_rate = 1, .decay_steps = 1, .decay_rate = 0.5});
  EXPECT_TRUE(falling.is_schedule());
  EXPECT_EQ(falling(3), 0.125);
}

TEST(LearningRate, SchemaKnowsEverySchedule) {
  const auto schema = value_schema(static_cast<const LearningRate*>(nullptr));
  EXPECT_EQ(schema["anyOf"][0], Json({{"type", "number"}}));
  ASSERT_EQ(schema["anyOf"][1]["oneOf"].size(), registry().names().size());
  const auto& first = schema["anyOf"][1]["oneOf"][0];
  EXPECT_EQ(first["properties"]["class_name"]["const"], "CosineDecay");
  EXPECT_EQ(first["required"], Json::array({"class_name"}));
  EXPECT_TRUE(first["properties"]["config"]["properties"].contains("warmup_target"));
}

}  // namespace
}  // namespace assay::training::schedules
