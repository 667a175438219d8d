// SPDX-License-Identifier: Apache-2.0
#include <assay/tests/testing/check.h>
#include <assay/training/report/chart.h>
#include <assay/training/report/findings.h>
#include <assay/training/report/html.h>
#include <assay/training/report/operating_point.h>
#include <torch/types.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace assay::training::report {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Chart, TicksAreRoundAndEncloseTheValues) {
  EXPECT_THAT(round_ticks(0, 1), ElementsAre(0, 0.2, 0.4, 0.6000000000000001, 0.8, 1));
  EXPECT_THAT(round_ticks(-3, 40), ElementsAre(-10, 0, 10, 20, 30, 40));
  EXPECT_THAT(round_ticks(7, 7), ElementsAre(7));
}

TEST(Chart, ValuesThatAreNotFiniteLeaveAGap) {
  const auto nan = std::nan("");
  const auto html =
      svg({.title = "loss", .series = {{"a", {{1, 2}, {2, 3}, {3, nan}, {4, 1}}, 0, false}}});
  EXPECT_THAT(html, HasSubstr("<polyline points=\"56,"));
  EXPECT_THAT(html, HasSubstr("<circle"));
  EXPECT_THAT(html, Not(HasSubstr("nan")));
  EXPECT_EQ(svg({.title = "nothing", .series = {{"a", {{1, nan}}, 0, false}}}), "");
}

TEST(Html, NamesCannotBecomeMarkup) {
  EXPECT_EQ(escaped("<b a='1'>\"&"), "&lt;b a=&#39;1&#39;&gt;&quot;&amp;");
  EXPECT_THAT(svg({.title = "<x>", .series = {{"<y>", {{0, 1}}, 0, false}}}),
              Not(HasSubstr("<x>")));
}

TEST(Findings, OfSparseLabelsAndLogits) {
  const auto y = torch::tensor({0, 1, 2, 2});
  const auto p = torch::tensor(
      {{0.745, 0.152, 0.103}, {0.103, 0.853, 0.044}, {0.513, 0.203, 0.284}, {0.103, 0.044, 0.853}});
  const auto found = findings(y, p.log(), true, true, {"ant", "bee", "cat"});
  EXPECT_EQ(found["classes"], Json({"ant", "bee", "cat"}));
  EXPECT_EQ(found["confusion"], Json({{1.0, 0.0, 0.0}, {0.0, 1.0, 0.0}, {1.0, 0.0, 1.0}}));
  EXPECT_EQ(found["worst"][0]["row"], 2);
  EXPECT_EQ(found["worst"][0]["label"], "cat");
  EXPECT_EQ(found["worst"][0]["prediction"], "ant");
  EXPECT_NEAR(found["worst"][0]["probability_of_label"], 0.284, 1e-6);
  EXPECT_EQ(found["calibration"]["rows"], Json({0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 2.0, 0.0}));
  EXPECT_EQ(found["calibration"]["accuracy"][5], 0.0);
  EXPECT_EQ(found["roc"].size(), 3u);
  // One-hot labels, and probabilities, say the same.
  const auto same = findings(torch::one_hot(y), p, false, true, {"ant", "bee", "cat"});
  EXPECT_TRUE(same["confusion"] == found["confusion"]);
  EXPECT_TRUE(same["roc"] == found["roc"]);
  EXPECT_TRUE(same["precision_recall"] == found["precision_recall"]);
  EXPECT_EQ(same["worst"][0]["row"], 2);
}

TEST(Findings, OfOnePredictionARow) {
  const auto found =
      findings(torch::tensor({0, 1, 1}), torch::tensor({{0.2}, {0.9}, {0.4}}), false, true, {});
  EXPECT_EQ(found["confusion"], Json({{1.0, 0.0}, {1.0, 1.0}}));
  EXPECT_EQ(found["worst"][0]["row"], 2);
  EXPECT_EQ(found["roc"].size(), 1u);
}

TEST(Findings, OfRegressionAreTheLargestErrors) {
  const auto found =
      findings(torch::tensor({1.0, 2.0}), torch::tensor({{1.5}, {0.0}}), false, false, {});
  EXPECT_EQ(found["worst"][0]["row"], 1);
  EXPECT_EQ(found["worst"][0]["error"], 2.0);
}

TEST(Findings, AreNothingWhereTheyDoNotApply) {
  const auto p = torch::rand({2, 3});
  EXPECT_EQ(findings({}, p, false, true, {}), Json::object());
  EXPECT_EQ(findings(torch::tensor({0, 7}), p, false, true, {}), Json::object());
  EXPECT_EQ(findings(torch::rand({2, 3, 4}), torch::rand({2, 3, 4}), false, true, {}),
            Json::object());
  // Several labels a row, and none.
  for (const auto& y :
       {torch::tensor({{1, 1, 0}, {0, 1, 0}}), torch::tensor({{1, 0, 0}, {0, 0, 0}})}) {
    EXPECT_EQ(findings(y, p, false, true, {}), Json::object());
  }
}

TEST(OperatingPoint, IsTheHighestThresholdOfARecall) {
  const auto y = torch::tensor({0, 1, 1, 0, 1, 1});
  const auto p = torch::tensor({0.1, 0.9, 0.4, 0.5, 0.7, 0.2}, torch::kDouble).unsqueeze(1);
  const auto half = point_of_recall(y, p, 0.5);
  EXPECT_EQ(half.threshold, 0.7);
  EXPECT_EQ(half.recall, 0.5);
  EXPECT_EQ(half.precision, 1);
  const auto most = point_of_recall(y, p, 0.6);
  EXPECT_EQ(most.threshold, 0.4);
  EXPECT_EQ(most.recall, 0.75);
  EXPECT_EQ(most.precision, 0.75);
  EXPECT_EQ(most.found, 4);
  EXPECT_EQ(point_of_recall(y, p, 1).found, 5);
  EXPECT_EQ(point_at(y, p, 2).precision, 0);
}

TEST(OperatingPoint, RefusesWhatHasNone) {
  const auto y = torch::tensor({0, 1});
  const auto p = torch::tensor({0.5, 0.5});
  const auto error = [](const at::Tensor& y, const at::Tensor& p, double recall) {
    return testing::value_error([&] { point_of_recall(y, p, recall); });
  };
  EXPECT_THAT(error(y, p, 0), HasSubstr("recall is 0"));
  EXPECT_THAT(error(y, p, 1.5), HasSubstr("recall is 1.5"));
  EXPECT_THAT(error(torch::tensor({0, 2}), p, 0.5), HasSubstr("some are others"));
  EXPECT_THAT(error(torch::tensor({0, 0}), p, 0.5), HasSubstr("no row is labelled 1"));
  EXPECT_THAT(error(y, torch::rand({2, 2}), 0.5), HasSubstr("one prediction a row"));
  EXPECT_THAT(error(y, torch::tensor({0.5, std::nan("")}), 0.5), HasSubstr("NaN"));
  EXPECT_THAT(error({}, p, 0.5), HasSubstr("one prediction a row"));
}

}  // namespace
}  // namespace assay::training::report
