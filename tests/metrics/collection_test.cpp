// SPDX-License-Identifier: Apache-2.0
// Metrics updated together.
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/record_function.h>
#include <assay/metrics/auc.h>
#include <assay/metrics/collection.h>
#include <assay/metrics/precision.h>
#include <assay/metrics/registry.h>
#include <assay/tests/testing/check.h>

namespace assay::metrics {
namespace {

using assay::testing::same_bits;
using assay::testing::value_error;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Json = assay::Json;

struct Batch {
  at::Tensor y_true;
  at::Tensor y_pred;
};

Batch batch(std::int64_t size, std::uint64_t seed) {
  auto generator = at::detail::createCPUGenerator(seed);
  return {at::randint(2, {size}, generator, at::kLong), at::rand({size}, generator)};
}

std::vector<std::string> names_of(const std::vector<MetricCollection::NamedTensor>& tensors) {
  std::vector<std::string> names;
  for (const auto& [name, value] : tensors) names.push_back(name);
  return names;
}

std::vector<at::Tensor> values_of(const std::vector<MetricCollection::NamedTensor>& tensors) {
  std::vector<at::Tensor> values;
  for (const auto& [name, value] : tensors) values.push_back(value);
  return values;
}

const char* const kTen = R"({
  "precision": "precision", "recall": "recall",
  "tp": "true_positives", "fp": "false_positives", "tn": "true_negatives", "fn": "false_negatives",
  "roc": "auc", "pr": {"class_name": "AUC", "config": {"curve": "PR"}},
  "ap": "average_precision", "best": {"class_name": "PrecisionAtRecall", "config": {"recall": 0.5}}
})";

TEST(MetricCollection, GivesResultsInOrderUnderPrefixAndPostfix) {
  MetricCollection collection({get("recall"), get("accuracy"), get("auc")},
                              {.prefix = "val_", .postfix = "_0"});
  const auto [y_true, y_pred] = batch(20, 1);
  collection.update_state(y_true, y_pred);
  EXPECT_THAT(names_of(collection.results()),
              ElementsAre("val_recall_0", "val_accuracy_0", "val_auc_0"));
}

TEST(MetricCollection, GivesResultsByName) {
  MetricCollection collection({get("recall"), get("auc")}, {.prefix = "val_"});
  const auto [y_true, y_pred] = batch(20, 1);
  collection.update_state(y_true, y_pred);
  const auto results = collection.results();
  EXPECT_TRUE(results.contains("val_auc"));
  EXPECT_FALSE(results.contains("auc"));
  EXPECT_TRUE(same_bits(results.at("val_auc"), collection.at("auc").result()));
  EXPECT_THAT(value_error([&] { results.at("val_recal"); }),
              HasSubstr("Did you mean 'val_recall'?"));
}

// How many operators are called with a tensor of at least that many entries.
int passes_over(std::int64_t entries, const std::function<void()>& call) {
  static std::int64_t least = 0;
  static int passes = 0;
  least = entries;
  passes = 0;
  const auto handle =
      at::addThreadLocalCallback(at::RecordFunctionCallback([](const at::RecordFunction& function) {
                                   const auto is_large = [](const c10::IValue& value) {
                                     return value.isTensor() && value.toTensor().defined() &&
                                            value.toTensor().numel() >= least;
                                   };
                                   const auto inputs = function.inputs();
                                   passes += std::any_of(inputs.begin(), inputs.end(), is_large);
                                   return std::unique_ptr<at::ObserverContext>();
                                 }).needsInputs(true));
  call();
  at::removeCallback(handle);
  return passes;
}

TEST(MetricCollection, ReadsTheDataOnceForEachState) {
  constexpr std::int64_t kSize = 10'000;
  const auto data = batch(kSize, 1);
  const auto passes = [&](auto&& metric) {
    metric.update_state(data.y_true, data.y_pred);  // what is made once is made
    return passes_over(kSize, [&] { metric.update_state(data.y_true, data.y_pred); });
  };
  const auto at_half = passes(*get("precision"));
  const auto curve = passes(*get("auc"));
  EXPECT_GT(curve, 1);
  EXPECT_EQ(passes(MetricCollection::from_json(
                R"(["precision", "recall", "true_positives", "true_negatives"])")),
            at_half);
  EXPECT_EQ(passes(MetricCollection::from_json(kTen)),
            at_half + curve +
                passes(*get(R"({"class_name": "PrecisionAtRecall", "config": {"recall": 0.5}})")));
}

TEST(MetricCollection, FindsTheLargestScoresOfABatchOnce) {
  constexpr std::int64_t kRows = 2000;
  constexpr std::int64_t kClasses = 5;
  auto generator = at::detail::createCPUGenerator(1);
  const auto labels = at::randint(kClasses, {kRows}, generator, at::kLong);
  const auto scores = at::rand({kRows, kClasses}, generator);
  const auto passes = [&](auto&& metric) {
    metric.update_state(labels, scores);  // what is made once is made
    return passes_over(kRows * kClasses, [&] { metric.update_state(labels, scores); });
  };
  const auto calibration = passes(*get("ece"));
  EXPECT_GT(calibration, 0);
  // The others take the classes that it found.
  EXPECT_EQ(passes(MetricCollection::from_json(R"([
              "ece",
              {"class_name": "ConfusionMatrix", "config": {"num_classes": 5}},
              {"class_name": "MeanIoU", "config": {"num_classes": 5, "sparse_y_pred": false}}])")),
            calibration);
}

TEST(MetricCollection, GivesEachMetricTheResultThatItHasAlone) {
  auto collection = MetricCollection::from_json(kTen);
  const auto alone = Json::parse(kTen);
  std::vector<std::shared_ptr<Metric>> metrics;
  for (const auto& [name, identifier] : alone.items()) metrics.push_back(get(identifier));
  const auto weights = at::rand({30}, at::kDouble);
  for (const std::uint64_t seed : {1, 2}) {
    const auto [y_true, y_pred] = batch(30, seed);
    collection.update_state(y_true, y_pred, weights);
    for (const auto& metric : metrics) metric->update_state(y_true, y_pred, weights);
  }
  const auto together = collection.results();
  ASSERT_EQ(together.size(), metrics.size());
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    EXPECT_TRUE(same_bits(together[i].second, metrics[i]->result())) << together[i].first;
    EXPECT_TRUE(same_bits(collection.at(together[i].first).variables(), metrics[i]->variables()))
        << together[i].first;
  }
}

TEST(MetricCollection, HasOneStateForMetricsWithTheSameCounts) {
  const auto collection = MetricCollection::from_json(kTen);
  EXPECT_EQ(collection.size(), 10U);
  EXPECT_EQ(collection.state_count(), 3U);  // at 0.5; at AUC's thresholds; at PrecisionAtRecall's
  EXPECT_THAT(names_of(collection.named_variables()),
              ElementsAre("precision/true_positives", "precision/false_positives",
                          "precision/true_negatives", "precision/false_negatives",
                          "roc/true_positives", "roc/false_positives", "roc/true_negatives",
                          "roc/false_negatives", "best/true_positives", "best/false_positives",
                          "best/true_negatives", "best/false_negatives"));
}

TEST(MetricCollection, HasOneStateForFunctionsOfOneConfusionMatrix) {
  const Json options{{"num_classes", 3}};
  auto collection = MetricCollection(
      {from_config("MatthewsCorrelation", options), from_config("CohenKappa", options),
       from_config("BalancedAccuracy", options), from_config("ConfusionMatrix", options),
       from_config("CohenKappa", {{"num_classes", 4}})});
  EXPECT_EQ(collection.state_count(), 2U);
  const auto y_true = at::tensor({0, 1, 2, 2});
  const auto y_pred = at::tensor({0, 2, 2, 1});
  collection.update_state(y_true, y_pred);
  for (const auto& name : collection.names()) {
    const auto& metric = collection.at(name);
    const auto alone = metric.fresh();
    alone->update_state(y_true, y_pred);
    EXPECT_TRUE(same_bits(metric.result(), alone->result())) << name;
  }
}

TEST(MetricCollection, HasOneStateForACrossentropyAndItsPerplexity) {
  auto collection = MetricCollection::from_json(R"([
      "sparse_categorical_crossentropy", "perplexity",
      {"class_name": "Perplexity", "config": {"from_logits": true}}])");
  EXPECT_EQ(collection.state_count(), 2U);
  const auto y_pred = at::rand({20, 3}).softmax(-1);
  collection.update_state(at::arange(20).remainder(3), y_pred);
  const auto results = collection.results();
  EXPECT_FLOAT_EQ(results.at("perplexity").item<float>(),
                  std::exp(results.at("sparse_categorical_crossentropy").item<double>()));
}

TEST(MetricCollection, SharesNoStateAcrossThresholdsClassesOrLogits) {
  const auto collection = MetricCollection::from_json(R"([
      "precision", {"class_name": "Precision", "config": {"thresholds": 0.4}},
      {"class_name": "Precision", "config": {"class_id": 1}},
      {"class_name": "Precision", "config": {"top_k": 1}},
      "auc", {"class_name": "AUC", "config": {"from_logits": true}}])");
  EXPECT_EQ(collection.state_count(), 6U);
}

TEST(MetricCollection, MetricsThatWereGivenSeeTheirStateAtOnce) {
  const auto precision = std::make_shared<Precision>();
  MetricCollection collection({precision, get("recall")});
  collection.update_state(at::tensor({1, 0, 1}), at::tensor({1., 1., 0.}));
  EXPECT_EQ(precision->result().item<double>(), 0.5);
  EXPECT_THAT(precision->variables(), ::testing::SizeIs(2));
  collection.reset_state();
  EXPECT_EQ(precision->result().item<double>(), 0);
}

TEST(MetricCollection, AMetricJoinsWithAFreshState) {
  const auto precision = std::make_shared<Precision>();
  precision->update_state(at::tensor({1}), at::tensor({1.}));
  const MetricCollection collection({precision});
  EXPECT_EQ(precision->result().item<double>(), 0);
}

TEST(MetricCollection, NumbersNamesThatOccurAgain) {
  const auto collection = MetricCollection::from_json(R"(["auc", "auc", "accuracy", "auc"])");
  EXPECT_THAT(collection.names(), ElementsAre("auc", "auc_1", "accuracy", "auc_2"));
}

TEST(MetricCollection, PutsItsNameBeforeSeveralResultsOfOneMetric) {
  auto collection = MetricCollection::from_json(R"({"r": {"class_name": "PerClass",
      "config": {"metric": "recall", "class_names": ["cat", "dog"]}}})");
  collection.update_state(at::tensor({0, 1}), at::tensor({0.9, 0.1, 0.8, 0.2}).view({2, 2}));
  EXPECT_THAT(names_of(collection.results()), ElementsAre("r_cat", "r_dog"));
}

TEST(MetricCollection, IsMadeAgainByItsConfiguration) {
  auto collection = MetricCollection::from_json(
      std::string(R"({"prefix": "a/", "postfix": "/b", "metrics": )") + kTen + "}");
  const auto config = collection.get_config();
  auto again = MetricCollection::from_config(config);
  EXPECT_EQ(again.get_config(), config);
  EXPECT_EQ(collection.fresh().get_config(), config);
  const auto [y_true, y_pred] = batch(10, 3);
  collection.update_state(y_true, y_pred);
  again.update_state(y_true, y_pred);
  EXPECT_EQ(names_of(again.results()), names_of(collection.results()));
  EXPECT_TRUE(same_bits(values_of(again.results()), values_of(collection.results())));
}

TEST(MetricCollection, GoesOnFromSavedVariablesInAnyOrder) {
  const auto [first_true, first_pred] = batch(20, 1);
  const auto [second_true, second_pred] = batch(20, 2);
  auto whole = MetricCollection::from_json(kTen);
  whole.update_state(first_true, first_pred);
  std::vector<MetricCollection::NamedTensor> saved;
  for (const auto& [name, value] : whole.named_variables()) {
    saved.emplace(saved.begin(), name, value.clone());
  }
  whole.update_state(second_true, second_pred);

  auto restored = MetricCollection::from_json(kTen);
  restored.load_variables(saved);
  restored.update_state(second_true, second_pred);
  EXPECT_TRUE(same_bits(values_of(restored.results()), values_of(whole.results())));
}

TEST(MetricCollection, RestoresStateThatIsMadeFromData) {
  const char* const multi_label =
      R"([{"class_name": "AUC", "config": {"multi_label": true}}, "precision",
          {"class_name": "AUC", "config": {"multi_label": true, "curve": "PR"}}])";
  auto collection = MetricCollection::from_json(multi_label);
  EXPECT_EQ(collection.state_count(), 2U);
  EXPECT_THAT(value_error([&] { collection.results(); }), HasSubstr("number of labels"));
  const auto y_true = at::tensor({1, 0, 0, 1}).view({2, 2});
  const auto y_pred = at::tensor({0.9, 0.6, 0.2, 0.4}).view({2, 2});
  collection.update_state(y_true, y_pred);
  auto restored = MetricCollection::from_json(multi_label);
  restored.load_variables(collection.named_variables());
  auto merged = MetricCollection::from_json(multi_label);
  merged.merge_state({&collection});
  for (auto* other : {&restored, &merged}) {
    EXPECT_TRUE(same_bits(values_of(other->results()), values_of(collection.results())));
  }
}

TEST(MetricCollection, RefusesVariablesThatDoNotFitAndStaysAsItWas) {
  auto collection = MetricCollection::from_json(R"(["precision", "recall", "accuracy"])");
  const auto [y_true, y_pred] = batch(20, 1);
  collection.update_state(y_true, y_pred);
  const auto before = testing::copies(values_of(collection.named_variables()));

  auto missing = collection.named_variables();
  missing.pop_back();
  EXPECT_THAT(value_error([&] { collection.load_variables(missing); }),
              HasSubstr("'accuracy/count' is missing"));
  auto unknown = collection.named_variables();
  unknown.emplace_back("auc/true_positives", at::zeros({200}));
  EXPECT_THAT(value_error([&] { collection.load_variables(unknown); }),
              HasSubstr("expected 6 variables, got 7"));
  auto misshapen = collection.named_variables();
  for (auto& [name, value] : misshapen) value = value.add(1);
  misshapen.front().second = at::zeros({3}, at::kDouble);
  EXPECT_THAT(value_error([&] { collection.load_variables(misshapen); }),
              HasSubstr("true_positives"));
  EXPECT_TRUE(same_bits(values_of(collection.named_variables()), before));
}

TEST(MetricCollection, MergesLikeOneThatSawEverything) {
  auto whole = MetricCollection::from_json(kTen);
  std::vector<MetricCollection> parts;
  std::vector<const MetricCollection*> others;
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const auto [y_true, y_pred] = batch(17, seed);
    whole.update_state(y_true, y_pred);
    parts.push_back(whole.fresh());
    parts.back().update_state(y_true, y_pred);
  }
  for (std::size_t i = 1; i < parts.size(); ++i) others.push_back(&parts[i]);
  parts[0].merge_state(others);
  EXPECT_TRUE(same_bits(values_of(parts[0].results()), values_of(whole.results())));
  EXPECT_TRUE(same_bits(values_of(parts[0].named_variables()), values_of(whole.named_variables())));
}

TEST(MetricCollection, MergesVariablesAsItMergesCollections) {
  const char* const config = R"(["precision", "recall", "auc", "r2_score", "mean_squared_error",
      {"class_name": "F1Score", "config": {"threshold": 0.5}}])";
  std::vector<MetricCollection> parts;
  std::vector<const MetricCollection*> others;
  std::vector<NamedTensors> sent;
  for (int i = 0; i < 5; ++i) parts.push_back(MetricCollection::from_json(config));
  for (int i = 0; i < 5; ++i) {
    // The first and the fourth have seen nothing.
    const auto [y_true, y_pred] = batch(7 + i, i);
    if (i % 3 != 0) parts[i].update_state(y_true.unsqueeze(-1), y_pred.unsqueeze(-1));
    const auto variables = parts[i].named_variables();
    sent.emplace_back(variables.begin(), variables.end());
    others.push_back(&parts[i]);
  }
  auto by_variables = MetricCollection::from_json(config);
  by_variables.merge_variables(sent);
  auto by_state = MetricCollection::from_json(config);
  by_state.merge_state(others);
  EXPECT_TRUE(
      same_bits(values_of(by_variables.named_variables()), values_of(by_state.named_variables())));

  const auto before = testing::copies(values_of(by_variables.named_variables()));
  auto missing = sent;
  missing[2].erase(missing[2].begin());
  EXPECT_THAT(
      value_error([&] { by_variables.merge_variables(missing); }),
      HasSubstr("the metrics of rank 2: the variable 'precision/true_positives' is missing"));
  auto misshapen = sent;
  misshapen[1][0].second = at::zeros({3}, at::kDouble);
  EXPECT_THAT(value_error([&] { by_variables.merge_variables(misshapen); }),
              HasSubstr("does not merge with float64 [3]"));
  auto of_other_type = sent;
  of_other_type[4].back().second = of_other_type[4].back().second.to(at::kFloat);
  EXPECT_THAT(value_error([&] { by_variables.merge_variables(of_other_type); }),
              HasSubstr("does not merge with float32"));
  EXPECT_TRUE(same_bits(values_of(by_variables.named_variables()), before));
}

TEST(MetricCollection, RestoresAVariableOfOnesOwnBeforeStateThatIsMadeFromData) {
  const auto made = [] {
    const auto f1 = get(R"({"class_name": "F1Score", "config": {}})");
    f1->add_variable({2}, "zeros", at::kFloat, "mine");
    return MetricCollection({f1});
  };
  auto saved = made();
  const auto labels = at::eye(3);
  saved.update_state(labels, labels);
  saved.named_variables().back().second.fill_(5);
  auto restored = made();
  restored.load_variables(saved.named_variables());
  EXPECT_TRUE(same_bits(values_of(restored.named_variables()), values_of(saved.named_variables())));
  auto without = saved.named_variables();
  without.pop_back();
  auto fresh = made();
  EXPECT_THAT(value_error([&] { fresh.load_variables(without); }),
              HasSubstr("'f1_score/mine' is missing"));
}

TEST(MetricCollection, MergesWhateverTheLabelsButNotOtherMetrics) {
  auto collection = MetricCollection::from_json(R"(["precision", "auc"])");
  const auto [y_true, y_pred] = batch(20, 1);
  collection.update_state(y_true, y_pred);
  const auto before = testing::copies(values_of(collection.named_variables()));
  const auto other_names = MetricCollection::from_json(R"(["precision", "recall"])");
  const auto other_options = MetricCollection::from_json(
      R"({"precision": "precision", "auc": {"class_name": "AUC", "config": {"curve": "PR"}}})");
  EXPECT_THAT(value_error([&] { collection.merge_state({&other_names}); }), HasSubstr("recall"));
  EXPECT_THAT(value_error([&] { collection.merge_state({&other_options}); }),
              HasSubstr("'auc' differs"));
  EXPECT_THAT(value_error([&] { collection.merge_state({nullptr}); }), HasSubstr("missing"));
  EXPECT_TRUE(same_bits(values_of(collection.named_variables()), before));

  const auto prefixed =
      MetricCollection::from_json(R"({"metrics": ["precision", "auc"], "prefix": "x"})");
  collection.merge_state({&prefixed});
  EXPECT_TRUE(same_bits(values_of(collection.named_variables()), before));
}

TEST(MetricCollection, AFailedUpdateLeavesEveryMetricAsItWas) {
  // Accuracy takes the shapes, Precision of class 5 does not, whichever is updated first.
  for (
      const auto* order :
      {R"(["accuracy", {"class_name": "Precision", "config": {"class_id": 5}}])",
       R"([{"class_name": "Precision", "config": {"class_id": 5}}, "accuracy"])",
       R"(["auc", "accuracy", {"class_name": "Precision", "config": {"class_id": 5}}, "recall"])"}) {
    ASSAY_TRACE(order);
    auto collection = MetricCollection::from_json(order);
    const auto wide = at::rand({4, 6});
    collection.update_state(wide.gt(0.5).to(at::kLong), wide);
    const auto before = testing::copies(values_of(collection.named_variables()));
    const auto narrow = at::rand({4, 3});
    EXPECT_THAT(value_error([&] { collection.update_state(narrow.gt(0.5), narrow); }),
                HasSubstr("class_id is 5"));
    EXPECT_TRUE(same_bits(values_of(collection.named_variables()), before));
    for (const auto& name : collection.names()) {
      EXPECT_NO_THROW(collection.at(name).result()) << name;
    }
  }
}

TEST(MetricCollection, AFailedUpdateOfAnyMetricLeavesLargeStatesAsTheyWere) {
  // The matrices are large beside the first batch, and small beside the second.
  for (const std::int64_t rows : {4, 2000}) {
    ASSAY_TRACE(rows);
    auto collection = MetricCollection::from_json(R"([
        {"class_name": "ConfusionMatrix", "config": {"num_classes": 30}}, "accuracy",
        {"class_name": "MeanIoU", "config": {"num_classes": 30}},
        {"class_name": "Precision", "config": {"class_id": 5}}])");
    const auto wide = at::rand({rows, 6});
    collection.update_state(wide.gt(0.5).to(at::kLong), wide.mul(30).floor());
    const auto before = testing::copies(values_of(collection.named_variables()));
    const auto refused = [&](const at::Tensor& y_true, const at::Tensor& y_pred) {
      const auto message = value_error([&] { collection.update_state(y_true, y_pred); });
      EXPECT_TRUE(same_bits(values_of(collection.named_variables()), before)) << message;
      return message;
    };
    const auto narrow = at::ones({rows, 3});
    EXPECT_THAT(refused(narrow, narrow), HasSubstr("class_id is 5"));
    EXPECT_THAT(refused(wide, wide), HasSubstr("integers"));
    collection.update_state(wide.gt(0.5).to(at::kLong), wide.mul(30).floor());
    EXPECT_FALSE(same_bits(values_of(collection.named_variables()), before));
  }
}

TEST(MetricCollection, DoesNotCopyStatesThatAreLargeBesideTheBatch) {
  constexpr std::int64_t kClasses = 50;
  auto collection = MetricCollection::from_json(R"([
      {"class_name": "ConfusionMatrix", "config": {"num_classes": 50}},
      {"class_name": "MeanIoU", "config": {"num_classes": 50, "sparse_y_pred": false}}, "ece"])");
  const auto labels = at::arange(20);
  const auto scores = at::rand({20, kClasses});
  const auto weights = at::rand({20}, at::kDouble).requires_grad_();
  const auto update = [&] { collection.update_state(labels, scores, weights); };
  update();
  EXPECT_EQ(passes_over(kClasses * kClasses, update), 2);  // one addition to each matrix
  for (const auto& [name, value] : collection.named_variables()) {
    EXPECT_FALSE(value.requires_grad()) << name;
  }
}

TEST(MetricCollection, RefusesMetricsThatAreMissingTwiceThereOrUnknown) {
  const auto auc = get("auc");
  EXPECT_THAT(value_error([&] { MetricCollection({auc, nullptr}); }), HasSubstr("missing"));
  EXPECT_THAT(value_error([&] { MetricCollection({auc, auc}); }), HasSubstr("one object"));
  EXPECT_THAT(value_error([&] {
                MetricCollection({{"a", auc}, {"a", get("auc")}});
              }),
              HasSubstr("'a' is taken"));
  EXPECT_THAT(value_error([] { MetricCollection::from_json(R"(["acuracy"])"); }),
              HasSubstr("Did you mean 'Accuracy'?"));
  EXPECT_THAT(value_error([] { MetricCollection::from_json(R"("auc")"); }),
              HasSubstr("a list or a map of metrics"));
  EXPECT_THAT(value_error([] { MetricCollection::from_json(R"({"metrics": [], "prefx": ""})"); }),
              HasSubstr("Did you mean 'prefix'?"));
  EXPECT_THAT(value_error([] { MetricCollection::from_json(R"({"class_name": "AUC"})"); }),
              HasSubstr("got the class AUC"));
  EXPECT_THAT(value_error([&] { MetricCollection({auc}).at("ac"); }),
              HasSubstr("Did you mean 'auc'?"));
}

TEST(MetricCollection, ReadsItsKerasLikeForm) {
  const auto collection = MetricCollection::from_json(
      R"({"class_name": "MetricCollection", "config": {"metrics": ["auc"], "postfix": "_x"}})");
  EXPECT_THAT(collection.names(), ElementsAre("auc"));
  EXPECT_EQ(collection.postfix(), "_x");
}

TEST(MetricCollection, OfNothingTakesEverything) {
  auto collection = MetricCollection::from_json("[]");
  collection.update_state(at::ones({1}), at::ones({1}));
  EXPECT_TRUE(collection.results().empty());
}

}  // namespace
}  // namespace assay::metrics
