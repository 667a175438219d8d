// SPDX-License-Identifier: Apache-2.0
#include <assay/tests/testing/check.h>
#include <assay/training/report/chart.h>
#include <assay/training/report/findings.h>
#include <assay/training/report/html.h>
#include <assay/training/report/operating_point.h>
#include <assay/training/report/worst_rows.h>
#include <torch/types.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace assay::training::report {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

Json findings(const at::Tensor& y_true, const at::Tensor& y_pred, const PredictionForm& form,
              const std::vector<std::string>& names = {}) {
  Findings found(form, names);
  found.add(y_true, y_pred);
  return found.json();
}

constexpr PredictionForm kProbabilities = {.classifies = true};
constexpr PredictionForm kLogits = {.classifies = true, .from_logits = true};

TEST(Chart, TicksAreRoundAndEncloseTheValues) {
  EXPECT_THAT(round_ticks(0, 1), ElementsAre(0, 0.2, 0.4, 0.6000000000000001, 0.8, 1));
  EXPECT_THAT(round_ticks(-3, 40), ElementsAre(-10, 0, 10, 20, 30, 40));
  EXPECT_THAT(round_ticks(7, 7), ElementsAre(7));
}

TEST(Chart, ValuesThatAreNotFiniteLeaveAGap) {
  const auto nan = std::nan("");
  const auto html =
      svg({.title = "loss", .series = {{"a", {{1, 2}, {2, 3}, {3, nan}, {4, 1}}, 0, false}}});
  EXPECT_THAT(html, HasSubstr("<polyline points=\"48,"));
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
  const auto found = findings(y, p.log(), kLogits, {"ant", "bee", "cat"});
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
  const auto same = findings(torch::one_hot(y), p, kProbabilities, {"ant", "bee", "cat"});
  EXPECT_TRUE(same["confusion"] == found["confusion"]);
  EXPECT_TRUE(same["roc"] == found["roc"]);
  EXPECT_TRUE(same["precision_recall"] == found["precision_recall"]);
  EXPECT_EQ(same["worst"][0]["row"], 2);
}

TEST(Findings, DoNotDependOnTheBatches) {
  torch::manual_seed(1);
  const auto y = torch::randint(3, {1000});
  const auto p = torch::randn({1000, 3});
  const auto whole = findings(y, p, kLogits);
  Findings parts(kLogits, {});
  for (std::int64_t begin = 0; begin < 1000; begin += 300) {
    const auto end = std::min<std::int64_t>(begin + 300, 1000);
    parts.add(y.slice(0, begin, end), p.slice(0, begin, end));
  }
  EXPECT_EQ(parts.json(), whole);
  EXPECT_EQ(whole["worst"].size(), 10u);

  const auto label = torch::arange(1000, torch::kDouble);
  const auto off = label + torch::randint(5, {1000}).sub(2);  // many errors are equal
  const auto errors = findings(label, off, {});
  Findings error_parts({}, {});
  error_parts.add(label.slice(0, 0, 7), off.slice(0, 0, 7));
  error_parts.add(label.slice(0, 7), off.slice(0, 7));
  EXPECT_EQ(error_parts.json(), errors);
}

TEST(Findings, OfManyNumbersAreThoseOfAll) {
  torch::manual_seed(2);
  const auto y = torch::randint(2, {30, 300, 300});
  const auto p = torch::rand({30, 300, 300, 2}).softmax(-1);  // 5.4 million: six pieces
  const auto found = findings(y, p, kProbabilities);
  const auto pairs = (y * 2 + p.argmax(-1)).flatten().bincount({}, 4).to(torch::kDouble);
  EXPECT_EQ(found["confusion"], Json({{pairs[0].item<double>(), pairs[1].item<double>()},
                                      {pairs[2].item<double>(), pairs[3].item<double>()}}));
  const auto of_label = p.gather(-1, y.unsqueeze(-1)).squeeze(-1);
  const auto worst = of_label.argmin().item<std::int64_t>();
  EXPECT_EQ(found["worst"][0]["row"], worst / 90'000);
  EXPECT_EQ(found["worst"][0]["position"],
            std::to_string(worst / 300 % 300) + ", " + std::to_string(worst % 300));
}

TEST(WorstRows, AreTheFirstOfEquals) {
  const auto nan = std::nan("");
  WorstRows worst;
  const auto add = [&](std::vector<double> numbers, std::int64_t first) {
    worst.add(torch::tensor(numbers), [&](std::int64_t i) { return Json(first + i); });
  };
  EXPECT_EQ(worst.json(), Json::array());
  add({1, 3, 1, nan}, 0);
  EXPECT_EQ(worst.json(), Json({3, 1, 0, 2}));
  add({}, 4);
  add({1, 1, 1, 1, 1, 1, 1, 3, 1, 1, 1, 1}, 4);
  EXPECT_EQ(worst.json(), Json({3, 1, 11, 0, 2, 4, 5, 6, 7, 8}));
  add({1, 2, -1}, 16);
  EXPECT_EQ(worst.json(), Json({3, 1, 11, 17, 0, 2, 4, 5, 6, 7}));
}

TEST(Findings, OfOneBatchThatDoesNotFitAreNothing) {
  const auto p = torch::rand({2, 3});
  for (const auto& y : {torch::tensor({0, 7}), torch::zeros({5}, torch::kLong)}) {
    Findings found(kProbabilities, {});
    found.add(torch::tensor({0, 1}), p);
    EXPECT_TRUE(found.json().contains("confusion"));
    found.add(y, p);
    EXPECT_EQ(found.json(), Json::object());
  }
}

TEST(Findings, OfSequencesCountEachPlaceThatIsNotIgnored) {
  const auto y = torch::tensor({{0, 1, -1}, {2, -1, 1}});
  auto p = torch::full({2, 3, 3}, 0.1);
  p.index_put_({0, 0, 0}, 0.8);  // right
  p.index_put_({0, 1, 2}, 0.8);  // wrong: 1 as 2
  p.index_put_({0, 2, 0}, 0.8);  // ignored
  p.index_put_({1, 0, 2}, 0.8);  // right
  p.index_put_({1, 2, 1}, 0.8);  // right
  auto form = kProbabilities;
  form.ignore_class = -1;
  const Json expected({{1.0, 0.0, 0.0}, {0.0, 1.0, 1.0}, {0.0, 0.0, 1.0}});
  Findings found(form, {"a", "b", "c"});
  found.add(torch::tensor({{0, -1, -1}}),
            torch::tensor({{{1.0, 0.0, 0.0}, {0.0, 0.0, 0.0}, {0.0, 0.0, 0.0}}}));
  found.add(y, p);
  auto json = found.json();
  EXPECT_EQ(json["confusion"], Json({{2.0, 0.0, 0.0}, {0.0, 1.0, 1.0}, {0.0, 0.0, 1.0}}));
  EXPECT_EQ(json["worst"].size(), 5u);
  EXPECT_EQ(json["worst"][0]["row"], 1);
  EXPECT_EQ(json["worst"][0]["position"], "1");
  EXPECT_EQ(json["worst"][0]["label"], "b");
  EXPECT_EQ(json["worst"][0]["prediction"], "c");
  // Without an ignored class -1 is none.
  EXPECT_EQ(findings(y, p, kProbabilities), Json::object());
  // Labels with an axis of their own for the class number, and logits, say the same.
  form.from_logits = true;
  EXPECT_EQ(findings(y.unsqueeze(2), p.log(), form)["confusion"], expected);
}

TEST(Findings, OfPicturesHaveTheClassesOnTheirAxis) {
  // [pictures, classes, height, width]
  const auto y = torch::tensor({{{0, 1}, {1, 1}}});
  const auto p = torch::tensor({{{{0.95, 0.15}, {0.35, 0.75}}, {{0.05, 0.85}, {0.65, 0.25}}}});
  auto form = kProbabilities;
  form.class_axis = 1;
  const Json expected({{1.0, 0.0}, {1.0, 2.0}});
  const auto found = findings(y, p, form);
  EXPECT_EQ(found["confusion"], expected);
  EXPECT_EQ(found["worst"][0]["position"], "1, 1");
  EXPECT_EQ(found["calibration"]["rows"], Json({0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0}));
  EXPECT_EQ(findings(torch::one_hot(y).permute({0, 3, 1, 2}), p, form)["confusion"], expected);
  // One score a place, of a binary loss.
  const PredictionForm binary = {.classifies = true, .binary = true};
  EXPECT_EQ(findings(y.unsqueeze(1), p.select(1, 1).unsqueeze(1), binary)["confusion"], expected);
}

TEST(PredictionForm, IsToldByLossesAndMetrics) {
  const auto form_of = [](const char* loss, const char* metric) {
    return prediction_form(Scores(LossArguments(Json::parse(loss)), {}, {Json::parse(metric)}, {}));
  };
  const auto sparse = form_of(
      R"({"class_name": "SparseCategoricalCrossentropy",
          "config": {"from_logits": true, "axis": 1, "ignore_class": 255}})",
      R"("accuracy")");
  EXPECT_TRUE(sparse.classifies && sparse.from_logits && !sparse.binary);
  EXPECT_EQ(sparse.class_axis, 1);
  EXPECT_EQ(sparse.ignore_class, 255);
  const auto binary = form_of(R"("binary_crossentropy")", R"("accuracy")");
  EXPECT_TRUE(binary.classifies && binary.binary && !binary.from_logits);
  const auto by_metric =
      form_of(R"("dice")", R"({"class_name": "MeanIoU", "config": {"num_classes": 3,
          "sparse_y_pred": false, "axis": 1}})");
  EXPECT_TRUE(by_metric.classifies);
  EXPECT_EQ(by_metric.class_axis, 1);
  // Predictions that are class numbers have no scores.
  EXPECT_FALSE(
      form_of(R"("mse")", R"({"class_name": "MeanIoU", "config": {"num_classes": 3}})").classifies);
  EXPECT_FALSE(form_of(R"("mse")", R"("mae")").classifies);
}

TEST(Findings, OfOnePredictionARow) {
  const auto found =
      findings(torch::tensor({0, 1, 1}), torch::tensor({{0.2}, {0.9}, {0.4}}), kProbabilities);
  EXPECT_EQ(found["confusion"], Json({{1.0, 0.0}, {1.0, 1.0}}));
  EXPECT_EQ(found["worst"][0]["row"], 2);
  EXPECT_EQ(found["roc"].size(), 1u);
}

TEST(Findings, OfRegressionAreTheLargestErrors) {
  const auto found = findings(torch::tensor({1.0, 2.0}), torch::tensor({{1.5}, {0.0}}), {});
  EXPECT_EQ(found["worst"][0]["row"], 1);
  EXPECT_EQ(found["worst"][0]["error"], 2.0);
}

TEST(Findings, AreNothingWhereTheyDoNotApply) {
  const auto p = torch::rand({2, 3});
  EXPECT_EQ(findings({}, p, kProbabilities), Json::object());
  EXPECT_EQ(findings(torch::tensor({0, 7}), p, kProbabilities), Json::object());
  EXPECT_EQ(findings(torch::rand({2, 3, 4}), torch::rand({2, 3, 4}), kProbabilities),
            Json::object());
  EXPECT_EQ(findings(torch::rand({2, 3, 4}), torch::rand({2, 3, 4}), {}), Json::object());
  EXPECT_EQ(findings(torch::zeros({2, 4}), torch::rand({2, 3, 5}), kProbabilities), Json::object());
  // Several labels a row, and none.
  for (const auto& y :
       {torch::tensor({{1, 1, 0}, {0, 1, 0}}), torch::tensor({{1, 0, 0}, {0, 0, 0}})}) {
    EXPECT_EQ(findings(y, p, kProbabilities), Json::object());
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
