// SPDX-License-Identifier: Apache-2.0
// PerClass, SlidingWindow and BootstrapInterval, around metrics of every kind.
#include <ATen/CPUGeneratorImpl.h>
#include <assay/metrics/bootstrap_interval.h>
#include <assay/metrics/per_class.h>
#include <assay/metrics/registry.h>
#include <assay/metrics/sliding_window.h>
#include <assay/tests/testing/check.h>

#include <algorithm>
#include <cmath>

namespace assay::metrics {
namespace {

using assay::testing::near;
using assay::testing::same_bits;
using assay::testing::value_error;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Json = assay::Json;

struct Batch {
  at::Tensor y_true;
  at::Tensor y_pred;
};

Batch binary_batch(std::int64_t size, std::uint64_t seed) {
  auto generator = at::detail::createCPUGenerator(seed);
  const auto y_true = at::randint(2, {size}, generator, at::kLong);
  return {y_true, (y_true * 0.3 + at::rand({size}, generator)).div(1.3)};
}

Batch class_batch(std::int64_t size, std::int64_t classes, std::uint64_t seed) {
  auto generator = at::detail::createCPUGenerator(seed);
  return {at::randint(classes, {size}, generator, at::kLong),
          at::rand({size, classes}, generator).softmax(-1)};
}

std::vector<std::string> names_of(const Metric& metric) {
  std::vector<std::string> names;
  for (const auto& [name, value] : metric.results()) names.push_back(name);
  return names;
}

// Wrappers that every test of wrappers in general runs, around state of every kind: sums, counts
// at thresholds, and a state that is made from data.
std::vector<Json> wrappers() {
  const auto multi_label =
      Json{{"class_name", "AUC"}, {"config", {{"multi_label", true}, {"num_thresholds", 11}}}};
  const auto around = [](const char* wrapper, const Json& metric, Json config) {
    config["metric"] = metric;
    return Json{{"class_name", wrapper}, {"config", config}};
  };
  return {around("SlidingWindow", "mse", {{"window", 3}}),
          around("SlidingWindow", "auc", {{"window", 3}}),
          around("SlidingWindow", multi_label, {{"window", 3}}),
          around("BootstrapInterval", "mse", {{"resamples", 5}}),
          around("BootstrapInterval", "auc", {{"resamples", 5}}),
          around("BootstrapInterval", multi_label, {{"resamples", 5}}),
          around("PerClass", "mse", {{"num_classes", 4}}),
          around("PerClass", "auc", {{"num_classes", 4}}),
          around("PerClass", "precision", {{"num_classes", 4}, {"mode", "one_vs_rest"}})};
}

Batch dense_batch(std::int64_t size, std::uint64_t seed) {
  auto generator = at::detail::createCPUGenerator(seed);
  const auto y_pred = at::rand({size, 4}, generator);
  return {at::randint(2, {size, 4}, generator, at::kLong), y_pred};
}

TEST(EveryWrapper, IsMadeAgainByItsConfiguration) {
  for (const auto& identifier : wrappers()) {
    ASSAY_TRACE(identifier.dump());
    const auto metric = get(identifier);
    const auto config = metric->get_config();
    EXPECT_EQ(from_config(metric->class_name(), config)->get_config(), config);
    EXPECT_EQ(metric->fresh()->get_config(), config);
    EXPECT_TRUE(config["metric"].contains("class_name"));
  }
}

TEST(EveryWrapper, GoesOnFromASavedState) {
  const auto [first_true, first_pred] = dense_batch(12, 1);
  const auto [second_true, second_pred] = dense_batch(9, 2);
  for (const auto& identifier : wrappers()) {
    ASSAY_TRACE(identifier.dump());
    const auto whole = get(identifier);
    whole->update_state(first_true, first_pred);
    const auto saved = testing::copies(whole->variables());
    whole->update_state(second_true, second_pred);
    const auto restored = get(identifier);
    restored->set_state(saved);
    restored->update_state(second_true, second_pred);
    EXPECT_TRUE(same_bits(restored->result(), whole->result()));
    EXPECT_TRUE(same_bits(
        whole->stateless_result(whole->stateless_update_state(saved, second_true, second_pred)),
        whole->result()));
  }
}

TEST(EveryWrapper, ResetsToWhatItWas) {
  const auto [y_true, y_pred] = dense_batch(12, 1);
  for (const auto& identifier : wrappers()) {
    ASSAY_TRACE(identifier.dump());
    const auto metric = get(identifier);
    metric->update_state(y_true, y_pred);
    const auto first = metric->result();
    metric->update_state(y_true, y_pred);
    metric->reset_state();
    metric->update_state(y_true, y_pred);
    EXPECT_TRUE(same_bits(metric->result(), first));
  }
}

TEST(EveryWrapper, AFailedUpdateLeavesItAsItWas) {
  const auto data = dense_batch(12, 1);
  for (const auto& identifier : wrappers()) {
    ASSAY_TRACE(identifier.dump());
    const auto metric = get(identifier);
    metric->update_state(data.y_true, data.y_pred);
    const auto before = testing::copies(metric->variables());
    EXPECT_NE(value_error([&] { metric->update_state(data.y_true, data.y_pred.slice(0, 0, 5)); }),
              "");
    EXPECT_TRUE(same_bits(metric->variables(), before));
  }
}

TEST(EveryWrapper, LeavesTheMetricThatItWasMadeFromAlone) {
  const auto auc = get("auc");
  SlidingWindow window({.metric = auc});
  const auto [y_true, y_pred] = binary_batch(20, 1);
  window.update_state(y_true, y_pred);
  EXPECT_EQ(auc->result().item<double>(), 0);
}

TEST(EveryWrapper, RefusesConfigurationsWithoutAMetric) {
  EXPECT_THAT(value_error([] { get("sliding_window"); }),
              HasSubstr("SlidingWindow.metric: must be given, a metric"));
  EXPECT_THAT(value_error([] { SlidingWindow({}); }), HasSubstr("SlidingWindow.metric: missing"));
  EXPECT_THAT(value_error([] {
                get(R"({"class_name": "SlidingWindow", "config": {"metric": "acuracy"}})");
              }),
              HasSubstr("Did you mean 'Accuracy'?"));
  EXPECT_THAT(value_error([] {
                get(R"({"class_name": "SlidingWindow", "config": {"metric": "auc", "window": 0}})");
              }),
              HasSubstr("SlidingWindow.window"));
}

TEST(EveryWrapper, IsMadeOfAWrapperToo) {
  const auto metric = get(R"({"class_name": "SlidingWindow", "config": {"window": 2, "metric":
      {"class_name": "PerClass", "config": {"metric": "recall", "num_classes": 3}}}})");
  EXPECT_EQ(metric->name(), "sliding_per_class_recall");
  const auto plain = get(R"({"class_name": "PerClass",
      "config": {"metric": "recall", "num_classes": 3}})");
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    const auto [y_true, y_pred] = class_batch(30, 3, seed);
    metric->update_state(y_true, y_pred);
    if (seed >= 2) plain->update_state(y_true, y_pred);
  }
  EXPECT_TRUE(same_bits(metric->result(), plain->result()));
}

TEST(PerClass, GivesEachClassAgainstTheRestItsOwnMetric) {
  PerClass recall({.metric = get("recall"), .class_names = {{"cat", "dog", "hen"}}});
  const auto [y_true, y_pred] = class_batch(50, 3, 1);
  const auto dense = at::one_hot(y_true, 3);
  for (const auto& labels : {y_true, y_true.unsqueeze(-1), dense}) {
    recall.reset_state();
    recall.update_state(labels, y_pred);
    for (std::int64_t c = 0; c < 3; ++c) {
      const auto alone = get("recall");
      alone->update_state(y_true.eq(c).to(at::kLong), y_pred.select(-1, c));
      EXPECT_TRUE(same_bits(recall.result()[c], alone->result()));
    }
  }
  EXPECT_THAT(names_of(recall),
              ElementsAre("per_class_recall_cat", "per_class_recall_dog", "per_class_recall_hen"));
}

TEST(PerClass, TakesWeightsASampleOrAnEntry) {
  PerClass mse({.metric = get("mse"), .num_classes = 2});
  const auto y_true = at::tensor({0., 1., 1., 1.}).view({2, 2});
  const auto y_pred = at::tensor({1., 1., 1., 0.}).view({2, 2});
  const auto reference = [&](std::int64_t c, const at::Tensor& weight) {
    const auto alone = get("mse");
    alone->update_state(y_true.narrow(-1, c, 1), y_pred.narrow(-1, c, 1), weight);
    return alone->result();
  };
  const auto by_entry = at::tensor({1., 3., 5., 7.}).view({2, 2});
  PerClass counts({.metric = get("true_positives"), .num_classes = 2});
  counts.update_state(y_true, y_pred, by_entry);
  EXPECT_TRUE(near(counts.result(), at::tensor({5., 3.})));
  counts.reset_state();
  counts.update_state(y_true, y_pred, at::tensor({10., 20.}));
  EXPECT_TRUE(near(counts.result(), at::tensor({20., 10.})));
  const auto by_sample = at::tensor({2., 3.});
  mse.update_state(y_true, y_pred, by_sample);
  EXPECT_TRUE(
      same_bits(mse.result(), at::stack({reference(0, by_sample), reference(1, by_sample)})));
}

TEST(PerClass, ByLabelTakesTheSamplesOfEachLabel) {
  PerClass accuracy({.metric = get("sparse_categorical_accuracy"),
                     .num_classes = 3,
                     .mode = PerClassMode::kByLabel});
  const auto y_true = at::tensor({0, 0, 1, 1, 1}, at::kLong);
  const auto hits = at::tensor({0, 1, 1, 1, 0}, at::kLong);
  const auto y_pred = at::one_hot(hits, 3).to(at::kFloat);
  accuracy.update_state(y_true, y_pred);
  EXPECT_TRUE(near(accuracy.result(), at::tensor({0.5, 2. / 3, 0.}), 1e-7));
  accuracy.reset_state();
  accuracy.update_state(y_true, y_pred, at::tensor({3., 1., 1., 1., 2.}));
  EXPECT_TRUE(near(accuracy.result(), at::tensor({0.75, 0.5, 0.}), 1e-7));

  PerClass dense(
      {.metric = get("categorical_accuracy"), .num_classes = 3, .mode = PerClassMode::kByLabel});
  dense.update_state(at::one_hot(y_true, 3), y_pred);
  EXPECT_TRUE(near(dense.result(), at::tensor({0.5, 2. / 3, 0.}), 1e-7));
}

TEST(PerClass, RefusesShapesAndLabelsThatDoNotFit) {
  PerClass recall({.metric = get("recall"), .num_classes = 3});
  EXPECT_THAT(value_error([&] {
                recall.update_state(at::tensor({0}), at::rand({1, 4}));
              }),
              HasSubstr("expected 3 classes on the last axis"));
  EXPECT_THAT(value_error([&] {
                recall.update_state(at::tensor({3}), at::rand({1, 3}));
              }),
              HasSubstr("the label 3"));
  EXPECT_THAT(value_error([&] { recall.update_state(at::tensor({0})); }),
              HasSubstr("y_pred is missing"));
  EXPECT_THAT(value_error([] { PerClass({.metric = get("recall")}); }), HasSubstr("num_classes"));
  EXPECT_THAT(value_error([] {
                PerClass({.metric = get("recall"), .num_classes = 3, .class_names = {{"a"}}});
              }),
              HasSubstr("expected 3 names, got 1"));
  EXPECT_THAT(value_error([] {
                get(R"({"class_name": "PerClass", "config":
                        {"metric": "recall", "num_classes": 2, "mode": "both"}})");
              }),
              HasSubstr("PerClass.mode"));
}

TEST(SlidingWindow, GivesTheMetricOfTheLastUpdates) {
  constexpr std::int64_t kWindow = 3;
  for (const auto* name : {"auc", "recall", "mse"}) {
    ASSAY_TRACE(name);
    SlidingWindow window({.metric = get(name), .window = kWindow});
    std::vector<Batch> seen;
    for (std::uint64_t seed = 0; seed < 6; ++seed) {
      seen.push_back(binary_batch(10 + static_cast<std::int64_t>(seed), seed));
      window.update_state(seen.back().y_true, seen.back().y_pred);
      const auto reference = get(name);
      for (auto i = std::max<std::int64_t>(0, std::ssize(seen) - kWindow); i < std::ssize(seen);
           ++i) {
        reference->update_state(seen[i].y_true, seen[i].y_pred);
      }
      EXPECT_TRUE(testing::within_one_ulp(window.result(), reference->result()));
    }
  }
}

TEST(SlidingWindow, MergesUpdateWithUpdateFromTheLatestOn) {
  SlidingWindow one({.metric = get("sum"), .window = 2});
  SlidingWindow two({.metric = get("sum"), .window = 2});
  for (const double value : {1., 2., 4.}) one.update_state(at::full({1}, value));
  two.update_state(at::full({1}, 8.));
  one.merge_state({&two});
  EXPECT_EQ(one.result().item<double>(), 14);
  one.update_state(at::zeros({1}));
  EXPECT_EQ(one.result().item<double>(), 12);
}

TEST(BootstrapInterval, IsTheSameHoweverTheStreamWasCut) {
  const auto data = binary_batch(200, 7);
  for (const auto* name : {"auc", "precision"}) {
    ASSAY_TRACE(name);
    const auto interval = [&](std::int64_t size) {
      BootstrapInterval metric({.metric = get(name), .resamples = 20});
      for (std::int64_t i = 0; i < data.y_true.size(0); i += size) {
        metric.update_state(data.y_true.slice(0, i, i + size), data.y_pred.slice(0, i, i + size));
      }
      return metric.result();
    };
    const auto whole = interval(200);
    EXPECT_TRUE(same_bits(interval(1), whole));
    EXPECT_TRUE(same_bits(interval(37), whole));
  }
}

TEST(BootstrapInterval, DrawsOtherResamplesForAnotherSeed) {
  const auto data = binary_batch(200, 7);
  const auto interval = [&](std::int64_t seed) {
    BootstrapInterval metric({.metric = get("auc"), .resamples = 20, .seed = seed});
    metric.update_state(data.y_true, data.y_pred);
    return metric.result();
  };
  EXPECT_TRUE(same_bits(interval(3), interval(3)));
  EXPECT_FALSE(same_bits(interval(3), interval(4)));
}

TEST(BootstrapInterval, DrawsFromPoissonOfMeanOne) {
  // The copies' totals over samples of value 1 are sums of the draws.
  constexpr std::int64_t kSamples = 2000;
  constexpr std::int64_t kResamples = 100;
  BootstrapInterval metric({.metric = get("sum"), .resamples = kResamples});
  metric.update_state(at::ones({kSamples}));
  const auto totals = metric.variables()[0];
  const double draws = kSamples * kResamples;
  EXPECT_NEAR(totals.sum().item<double>() / draws, 1, 4 / std::sqrt(draws));
  // A sum of n draws has variance n; its estimate from r sums has a relative error of sqrt(2 / r).
  EXPECT_NEAR(totals.var().item<double>() / kSamples, 1, 4 * std::sqrt(2. / kResamples));
}

TEST(BootstrapInterval, HasTheWidthThatTheoryGivesTheMean) {
  const auto values = at::randn({3000}, at::detail::createCPUGenerator(5), at::kDouble);
  BootstrapInterval metric({.metric = get("mean"), .resamples = 400, .dtype = at::kDouble});
  metric.update_state(values);
  const auto result = metric.result();
  const double error = values.std().item<double>() / std::sqrt(3000.);
  EXPECT_NEAR(result[0].item<double>(), values.mean().item<double>(), 0.2 * error);
  EXPECT_NEAR((result[2] - result[1]).item<double>(), 2 * 1.96 * error, 0.5 * error);
  EXPECT_THAT(names_of(metric),
              ElementsAre("bootstrap_mean_mean", "bootstrap_mean_low", "bootstrap_mean_high"));
}

TEST(BootstrapInterval, CoversTheTrueValueAboutAsOftenAsItSays) {
  constexpr int kTrials = 200;
  int covered = 0;
  for (int trial = 0; trial < kTrials; ++trial) {
    BootstrapInterval metric(
        {.metric = get("mean"), .resamples = 50, .confidence = 0.8, .seed = trial});
    metric.update_state(at::randn({100}, at::detail::createCPUGenerator(trial)));
    const auto result = metric.result();
    covered += result[1].item<double>() <= 0 && 0 <= result[2].item<double>();
  }
  EXPECT_NEAR(covered / double{kTrials}, 0.8, 0.12);
}

TEST(BootstrapInterval, MultipliesTheSampleWeight) {
  const auto data = binary_batch(40, 3);
  const auto interval = [&](const at::Tensor& weight) {
    BootstrapInterval metric({.metric = get("recall"), .resamples = 10});
    metric.update_state(data.y_true, data.y_pred, weight);
    return metric.result();
  };
  const auto weight = at::rand({40}, at::detail::createCPUGenerator(4));
  EXPECT_TRUE(same_bits(interval({}), interval(at::ones({40}))));
  EXPECT_TRUE(same_bits(interval(at::full({}, 2.)), interval({})));
  EXPECT_TRUE(same_bits(interval(weight.unsqueeze(-1)), interval(weight)));
  EXPECT_FALSE(same_bits(interval(weight), interval({})));
  EXPECT_THAT(value_error([&] { interval(at::ones({7})); }), HasSubstr("[7]"));
}

TEST(BootstrapInterval, GivesAnIntervalForEachEntryOfAResult) {
  BootstrapInterval metric(
      {.metric = get(R"({"class_name": "Recall", "config": {"thresholds": [0.2, 0.5, 0.8]}})"),
       .resamples = 10});
  const auto [y_true, y_pred] = binary_batch(60, 9);
  metric.update_state(y_true, y_pred);
  const auto result = metric.result();
  EXPECT_EQ(result.sizes(), (std::vector<std::int64_t>{3, 3}));
  EXPECT_TRUE(result[1].le(result[0]).all().item<bool>());
  EXPECT_TRUE(result[0].le(result[2]).all().item<bool>());
}

TEST(BootstrapInterval, RefusesDataWithoutSamples) {
  BootstrapInterval metric({.metric = get("mean")});
  EXPECT_THAT(value_error([&] { metric.update_state(at::ones({})); }), HasSubstr("first axis"));
}

}  // namespace
}  // namespace assay::metrics
