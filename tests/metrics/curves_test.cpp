// SPDX-License-Identifier: Apache-2.0
// Areas and curves against exact statistics of ranks, and what golden values do not show.
#include <ATen/CPUGeneratorImpl.h>
#include <assay/metrics/auc.h>
#include <assay/metrics/average_precision.h>
#include <assay/metrics/precision.h>
#include <assay/metrics/precision_recall_curve.h>
#include <assay/metrics/registry.h>
#include <assay/metrics/roc_curve.h>
#include <assay/tests/testing/check.h>

#include <algorithm>

namespace assay::metrics {
namespace {

using assay::testing::near;
using assay::testing::same_bits;
using assay::testing::value_error;
using ::testing::HasSubstr;
using Json = assay::Json;

struct Scored {
  at::Tensor y_true;
  at::Tensor y_pred;
};

Scored draw(std::int64_t size, std::uint64_t seed, double separation = 0.3) {
  auto generator = at::detail::createCPUGenerator(seed);
  const auto y_true = at::randint(2, {size}, generator, at::kLong);
  const auto noise = at::rand({size}, generator, at::kDouble);
  return {y_true, (y_true * separation + noise) / (1 + separation)};
}

// The share of pairs (a positive, a negative) in which the positive scores higher; ties count half.
double rank_statistic(const at::Tensor& y_true, const at::Tensor& y_pred) {
  const auto positives = y_pred.masked_select(y_true.ne(0)).unsqueeze(1);
  const auto negatives = y_pred.masked_select(y_true.eq(0)).unsqueeze(0);
  const auto wins = positives.gt(negatives).to(at::kDouble);
  const auto ties = positives.eq(negatives).to(at::kDouble);
  return (wins + ties / 2).mean().item<double>();
}

// The share of pairs that the bins do not tell apart.
double share_of_undecided_pairs(const Scored& data, std::int64_t num_thresholds) {
  const auto bins = (data.y_pred * static_cast<double>(num_thresholds - 1)).ceil();
  const auto positives = bins.masked_select(data.y_true.ne(0)).unsqueeze(1);
  const auto negatives = bins.masked_select(data.y_true.eq(0)).unsqueeze(0);
  return positives.eq(negatives).to(at::kDouble).mean().item<double>();
}

double area(const Scored& data, AUCOptions options) {
  options.dtype = at::kDouble;
  AUC auc(options);
  auc.update_state(data.y_true, data.y_pred);
  return auc.result().item<double>();
}

TEST(AUC, IsTheExactRankStatisticWhereThresholdsTellScoresApart) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    auto data = draw(60, seed, 0.1 * static_cast<double>(seed % 5));
    // Scores in the middle of the bins, with ties.
    data.y_pred = (data.y_pred * 49).ceil().clamp(1, 49).sub(0.5).div(49);
    EXPECT_NEAR(area(data, {.num_thresholds = 50}), rank_statistic(data.y_true, data.y_pred),
                1e-12);
    std::vector<double> scores(data.y_pred.data_ptr<double>(), data.y_pred.data_ptr<double>() + 60);
    std::sort(scores.begin(), scores.end());
    scores.erase(std::unique(scores.begin(), scores.end()), scores.end());
    EXPECT_NEAR(area(data, {.thresholds = scores}), rank_statistic(data.y_true, data.y_pred),
                1e-12);
  }
}

TEST(AUC, DiffersFromTheRankStatisticByAtMostHalfTheUndecidedPairs) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const auto data = draw(500, seed);
    const double exact = rank_statistic(data.y_true, data.y_pred);
    for (const std::int64_t number : {5, 20, 200, 2000}) {
      const double bound = share_of_undecided_pairs(data, number) / 2 + 1e-12;
      EXPECT_NEAR(area(data, {.num_thresholds = number}), exact, bound) << number;
      EXPECT_LE(
          area(data, {.num_thresholds = number, .summation_method = AUCSummationMethod::kMinoring}),
          exact + 1e-12);
      EXPECT_GE(
          area(data, {.num_thresholds = number, .summation_method = AUCSummationMethod::kMajoring}),
          exact - 1e-12);
    }
  }
}

TEST(AUC, WeighsPairsByTheProductOfTheirWeights) {
  constexpr std::int64_t kNumber = 20;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const auto data = draw(300, seed);
    const auto weights = at::rand({300}, at::detail::createCPUGenerator(seed + 100), at::kDouble);
    const auto by_label = [&](const at::Tensor& values, const at::Tensor& mask) {
      return values.masked_select(mask);
    };
    const auto yes = data.y_true.ne(0);
    const auto no = data.y_true.eq(0);
    const auto pair_weights = by_label(weights, yes).unsqueeze(1) * by_label(weights, no);
    const auto statistic = [&](const at::Tensor& scores) {
      const auto high = by_label(scores, yes).unsqueeze(1);
      const auto low = by_label(scores, no);
      const auto wins = high.gt(low).to(at::kDouble) + high.eq(low).to(at::kDouble) / 2;
      return (wins * pair_weights).sum().item<double>() / pair_weights.sum().item<double>();
    };
    const auto bins = (data.y_pred * (kNumber - 1)).ceil();
    const auto undecided = by_label(bins, yes).unsqueeze(1).eq(by_label(bins, no));
    const double bound =
        (undecided * pair_weights).sum().item<double>() / pair_weights.sum().item<double>() / 2;
    AUC auc({.num_thresholds = kNumber, .dtype = at::kDouble});
    auc.update_state(data.y_true, data.y_pred, weights);
    const double area = auc.result().item<double>();
    EXPECT_NEAR(area, statistic(bins), 1e-12) << "it is that of the binned scores";
    EXPECT_NEAR(area, statistic(data.y_pred), bound + 1e-12);
  }
}

TEST(AUC, CountsInOnePassWhateverTheNumberOfThresholds) {
  const auto data = draw(500, 1);
  EXPECT_NEAR(area(data, {.num_thresholds = 100000}), rank_statistic(data.y_true, data.y_pred),
              1e-3);
}

TEST(AUC, LosesAreaByANaNWhateverItsLabel) {
  const auto data = draw(40, 2);
  const double without = area(data, {});
  for (const auto label : {0, 1}) {
    const auto y_true = at::cat({data.y_true, at::tensor({label})});
    const auto y_pred = at::cat({data.y_pred, at::full({1}, std::nan(""), data.y_pred.options())});
    const double with = area({y_true, y_pred}, {});
    EXPECT_LT(with, without);
    EXPECT_GT(with, without - 0.1);
  }
}

TEST(AUC, OfOneClassOrNothingIsZero) {
  EXPECT_EQ(area({at::ones({3}), at::rand({3})}, {}), 0);
  EXPECT_EQ(area({at::zeros({3}), at::rand({3})}, {}), 0);
  EXPECT_EQ(area({at::zeros({0}), at::zeros({0})}, {}), 0);
  EXPECT_EQ(AUC().result().item<double>(), 0);
}

TEST(AUC, AveragesLabelsByTheirWeights) {
  const auto one = draw(50, 1);
  const auto two = draw(50, 2, 0.8);
  const Scored both{at::stack({one.y_true, two.y_true}, 1), at::stack({one.y_pred, two.y_pred}, 1)};
  EXPECT_NEAR(area(both, {.multi_label = true}), (area(one, {}) + area(two, {})) / 2, 1e-12);
  EXPECT_NEAR(area(both, {.multi_label = true, .label_weights = {{1., 3.}}}),
              (area(one, {}) + 3 * area(two, {})) / 4, 1e-12);
  EXPECT_EQ(area(both, {.multi_label = true, .label_weights = {{0., 0.}}}), 0);
}

TEST(AUC, KnowsTheNumberOfLabelsFromTheFirstUpdateOn) {
  AUC auc({.multi_label = true});
  EXPECT_THAT(value_error([&] { auc.result(); }), HasSubstr("number of labels"));
  EXPECT_TRUE(auc.variables().empty());
  EXPECT_THAT(value_error([&] { auc.update_state(at::ones({3}), at::ones({3})); }),
              HasSubstr("multi_label takes [batch, labels]"));
  EXPECT_TRUE(auc.variables().empty());
  auc.update_state(at::ones({4, 3}), at::rand({4, 3}));
  EXPECT_EQ(auc.variables()[0].sizes(), (std::vector<std::int64_t>{200, 3}));
  EXPECT_THAT(value_error([&] {
                auc.update_state(at::ones({4, 2}), at::rand({4, 2}));
              }),
              HasSubstr("counts 3 labels"));
  AUC given({.multi_label = true, .num_labels = 3});
  EXPECT_EQ(given.result().item<double>(), 0);
  EXPECT_THAT(value_error([&] {
                given.update_state(at::ones({4, 2}), at::rand({4, 2}));
              }),
              HasSubstr("counts 3 labels"));
}

TEST(AUC, ReportsThresholdsAsKerasDoes) {
  const auto given = get(R"({"class_name": "AUC", "config": {"thresholds": [0.8, 0.1]}})");
  EXPECT_EQ(given->get_config()["thresholds"], Json({0.1, 0.8}));
  EXPECT_EQ(given->get_config()["num_thresholds"], 4);
  EXPECT_EQ(given->variables()[0].size(0), 4);
  EXPECT_EQ(from_config("AUC", given->get_config())->get_config(), given->get_config());
  const auto even = get("auc");
  EXPECT_FALSE(even->get_config().contains("thresholds"));
  EXPECT_EQ(even->get_config()["curve"], "ROC");
  EXPECT_EQ(
      get(R"({"class_name": "AUC", "config": {"curve": "pr", "summation_method": "Majoring"}})")
          ->get_config()["summation_method"],
      "majoring");
}

TEST(AUC, RefusesOptionsThatDoNotFit) {
  const auto error = [](const char* config) {
    return value_error([&] { from_config("AUC", Json::parse(config)); });
  };
  EXPECT_THAT(error(R"({"curve": "RUC"})"), HasSubstr("AUC.curve: expected one of ROC"));
  EXPECT_THAT(error(R"({"num_thresholds": 1})"), HasSubstr("AUC.num_thresholds"));
  EXPECT_THAT(error(R"({"thresholds": [0.5, 1.5]})"), HasSubstr("AUC.thresholds"));
  EXPECT_THAT(error(R"({"num_labels": 3})"), HasSubstr("AUC.num_labels"));
  EXPECT_THAT(error(R"({"label_weights": [1, -1]})"), HasSubstr("AUC.label_weights"));
  EXPECT_THAT(error(R"({"multi_label": true, "num_labels": 3, "label_weights": [1]})"),
              HasSubstr("AUC.label_weights"));
  AUC auc({.label_weights = {{1., 2.}}});
  EXPECT_THAT(value_error([&] {
                auc.update_state(at::ones({2, 3}), at::ones({2, 3}));
              }),
              HasSubstr("label_weights has 2 entries"));
}

TEST(Precision, WritesThresholdsBackAsTheyWereGiven) {
  for (const auto* thresholds : {"null", "0.3", "[0.3]", "[0.7,0.1]"}) {
    const auto metric = from_config("Precision", {{"thresholds", Json::parse(thresholds)}});
    EXPECT_EQ(metric->get_config()["thresholds"].dump(), thresholds);
  }
  EXPECT_EQ(Precision({.thresholds = {0.7, 0.1}}).result().sizes(), (std::vector<std::int64_t>{2}));
  EXPECT_EQ(Precision({.thresholds = {0.7}}).result().dim(), 0);
  EXPECT_EQ(Precision({.thresholds = 0.7}).variables()[0].dim(), 1);
  for (const auto* thresholds : {"[]", "1.5", "[0.5, -1]", "\"0.5\"", "[null]", "true"}) {
    EXPECT_THAT(value_error([&] {
                  from_config("Precision", {{"thresholds", Json::parse(thresholds)}});
                }),
                HasSubstr("Precision.thresholds"))
        << thresholds;
  }
}

TEST(Precision, ClaimsNothingInARowWithNaNUnderTopK) {
  const auto nan = std::nan("");
  const auto y_pred = at::tensor({nan, 0.9, 0.1, 0.2, 0.9, 0.1}).view({2, 3});
  Precision precision({.top_k = 2});
  precision.update_state(at::ones({2, 3}), y_pred);
  EXPECT_EQ(precision.variables()[0].item<double>(), 2);
  EXPECT_EQ(precision.variables()[1].item<double>(), 0);
}

TEST(Precision, RefusesTopKAndClassIdBeyondTheLastAxis) {
  Precision top({.top_k = 4});
  EXPECT_THAT(value_error([&] {
                top.update_state(at::ones({2, 3}), at::ones({2, 3}));
              }),
              HasSubstr("top_k is 4"));
  Precision entry({.class_id = 3});
  EXPECT_THAT(value_error([&] {
                entry.update_state(at::ones({2, 3}), at::ones({2, 3}));
              }),
              HasSubstr("class_id is 3"));
  EXPECT_THAT(value_error([&] { entry.update_state(at::ones({6}), at::ones({6})); }),
              HasSubstr("class_id is 3"));
}

TEST(AveragePrecision, IsTheExactOneWhereThresholdsTellScoresApart) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const auto data = draw(60, seed);
    // Rank by rank, from the highest score down: precision at each positive, averaged.
    const auto hits = data.y_true.index_select(0, data.y_pred.argsort(-1, true)).to(at::kDouble);
    const auto ranks = at::arange(1, 61, at::kDouble);
    const auto expected = (hits * hits.cumsum(0) / ranks).sum() / hits.sum();
    std::vector<double> scores(data.y_pred.data_ptr<double>(), data.y_pred.data_ptr<double>() + 60);
    AveragePrecision exact({.thresholds = scores, .dtype = at::kDouble});
    exact.update_state(data.y_true, data.y_pred);
    EXPECT_NEAR(exact.result().item<double>(), expected.item<double>(), 1e-12);
    AveragePrecision binned({.num_thresholds = 2000});
    binned.update_state(data.y_true, data.y_pred);
    EXPECT_NEAR(binned.result().item<double>(), expected.item<double>(), 0.02);
  }
}

TEST(AveragePrecision, IsZeroWithoutPositivesAndOneForPerfectScores) {
  AveragePrecision metric;
  EXPECT_EQ(metric.result().item<double>(), 0);
  metric.update_state(at::zeros({4}), at::rand({4}));
  EXPECT_EQ(metric.result().item<double>(), 0);
  metric.reset_state();
  metric.update_state(at::tensor({0, 1, 1}), at::tensor({0.2, 0.7, 0.9}));
  EXPECT_EQ(metric.result().item<double>(), 1);
}

TEST(ROCCurve, GoesFromNothingClaimedToEverythingClaimed) {
  const auto data = draw(200, 4);
  ROCCurve curve({.num_thresholds = 50, .dtype = at::kDouble});
  curve.update_state(data.y_true, data.y_pred);
  const auto points = curve.result();
  EXPECT_EQ(points.sizes(), (std::vector<std::int64_t>{3, 50}));
  EXPECT_TRUE(near(points.select(1, 0), at::tensor({0., 0., 1 + 1e-7}, at::kDouble)));
  EXPECT_TRUE(near(points.select(1, -1), at::tensor({1., 1., -1e-7}, at::kDouble)));
  EXPECT_TRUE(points.slice(0, 0, 2).diff(1, 1).ge(0).all().item<bool>());
  EXPECT_NEAR(at::trapezoid(points[1], points[0]).item<double>(),
              area(data, {.num_thresholds = 50}), 1e-12);
  const auto results = curve.results();
  EXPECT_EQ(results[0].first, "roc_curve_false_positive_rate");
  EXPECT_EQ(results[1].first, "roc_curve_true_positive_rate");
  EXPECT_EQ(results[2].first, "roc_curve_thresholds");
  EXPECT_TRUE(same_bits(results[1].second, points[1]));
}

TEST(PrecisionRecallCurve, HasThePointsOfPrecisionAndRecall) {
  const auto data = draw(200, 5);
  PrecisionRecallCurve curve({.thresholds = {{0.2, 0.5, 0.8}}});
  curve.update_state(data.y_true, data.y_pred);
  const auto points = curve.result();
  const auto middle = points.slice(1, 1, 4);
  const auto precision = from_config("Precision", {{"thresholds", {0.8, 0.5, 0.2}}});
  const auto recall = from_config("Recall", {{"thresholds", {0.8, 0.5, 0.2}}});
  for (const auto& metric : {precision, recall}) metric->update_state(data.y_true, data.y_pred);
  EXPECT_TRUE(same_bits(middle[0], recall->result()));
  EXPECT_TRUE(same_bits(middle[1], precision->result()));
  EXPECT_EQ(points[0][0].item<double>(), 0);
  EXPECT_EQ(points[1][0].item<double>(), 1) << "where nothing is claimed";
  EXPECT_EQ(curve.results()[0].first, "precision_recall_curve_recall");
}

TEST(CurveMetrics, LookAtOneClassOrAtLogits) {
  const auto data = draw(60, 6);
  const auto two_classes = at::stack({at::rand({60}, at::kDouble), data.y_pred}, 1);
  const auto two_labels = at::stack({at::zeros({60}, at::kLong), data.y_true}, 1);
  for (const auto* name : {"AveragePrecision", "ROCCurve", "PrecisionRecallCurve"}) {
    const auto plain = from_config(name, Json::object());
    const auto of_class = from_config(name, {{"class_id", 1}});
    const auto of_logits = from_config(name, {{"from_logits", true}});
    plain->update_state(data.y_true, data.y_pred);
    of_class->update_state(two_labels, two_classes);
    of_logits->update_state(data.y_true, data.y_pred.logit());
    EXPECT_TRUE(same_bits(of_class->result(), plain->result())) << name;
    EXPECT_TRUE(near(of_logits->result(), plain->result(), 1e-6)) << name;
  }
}

}  // namespace
}  // namespace assay::metrics
