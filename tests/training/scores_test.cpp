// SPDX-License-Identifier: Apache-2.0
#include <assay/losses.h>
#include <assay/metrics.h>
#include <assay/tests/testing/check.h>
#include <assay/training/label_form.h>
#include <assay/training/scores.h>
#include <assay/training/scores_file.h>

#include "testing/blobs.h"

namespace assay::training {
namespace {

using ::testing::HasSubstr;

std::string chosen(const char* name, const at::Tensor& y_true, const at::Tensor& y_pred,
                   const LossArguments& loss = "mse") {
  Scores scores(loss, {}, {name}, {});
  scores.resolve(y_true, y_pred);
  return scores.metrics()[0]->class_name();
}

// Source: keras.src.trainers.compile_utils, run with the same shapes.
TEST(Scores, AccuracyAndCrossentropyTakeTheirFormFromShapes) {
  const auto shape = [](at::IntArrayRef sizes) { return torch::zeros(sizes); };
  EXPECT_EQ(chosen("accuracy", shape({8, 1}), shape({8, 1})), "BinaryAccuracy");
  EXPECT_EQ(chosen("accuracy", shape({8}), shape({8, 1})), "BinaryAccuracy");
  EXPECT_EQ(chosen("acc", shape({8}), shape({8, 3})), "SparseCategoricalAccuracy");
  EXPECT_EQ(chosen("acc", shape({8, 1}), shape({8, 3})), "SparseCategoricalAccuracy");
  EXPECT_EQ(chosen("Accuracy", shape({8, 3}), shape({8, 3})), "CategoricalAccuracy");
  EXPECT_EQ(chosen("accuracy", shape({8, 5}), shape({8, 5, 3})), "SparseCategoricalAccuracy");
  EXPECT_EQ(chosen("crossentropy", shape({8, 1}), shape({8, 1})), "BinaryCrossentropy");
  EXPECT_EQ(chosen("ce", shape({8}), shape({8, 3})), "SparseCategoricalCrossentropy");
  EXPECT_EQ(chosen("ce", shape({8, 3}), shape({8, 3})), "CategoricalCrossentropy");
}

TEST(Scores, CrossentropyTakesFromLogitsFromTheLoss) {
  const auto y_true = torch::zeros({8}, at::kLong);
  const auto y_pred = torch::zeros({8, 3});
  Scores logits(losses::SparseCategoricalCrossentropy({.from_logits = true}), {}, {"ce"}, {});
  logits.resolve(y_true, y_pred);
  EXPECT_EQ(logits.metrics()[0]->get_config()["from_logits"], true);
  Scores probabilities("crossentropy", {}, {"ce"}, {});
  probabilities.resolve(y_true, y_pred);
  EXPECT_EQ(probabilities.metrics()[0]->get_config()["from_logits"], false);
}

TEST(Scores, LossIsTheMeanOverRows) {
  Scores scores("mse", {}, {"mae"}, {});
  const auto batch = [&](std::int64_t rows, double error) {
    const auto y_true = torch::zeros({rows, 1});
    const auto y_pred = torch::full({rows, 1}, error);
    scores.update(y_true, y_pred, {}, scores.loss(y_true, y_pred, {}));
  };
  batch(3, 1);
  batch(1, 3);
  const auto logs = scores.read();
  EXPECT_EQ(logs.names(), (std::vector<std::string>{"loss", "mae"}));
  EXPECT_DOUBLE_EQ(logs.at("loss"), (3 * 1 + 1 * 9) / 4.0);
  EXPECT_DOUBLE_EQ(logs.at("mae"), 1.5);
  EXPECT_DOUBLE_EQ(scores.read_loss(), logs.at("loss"));
  scores.reset();
  EXPECT_EQ(scores.read().at("loss"), 0);
}

TEST(Scores, SeveralLossesAreWeighedAndReported) {
  Scores scores(LossArguments{"mse", "mae"}, {1, 0.5}, {}, {});
  const auto y_true = torch::zeros({2, 1});
  const auto y_pred = torch::full({2, 1}, 2.0, torch::requires_grad());
  const auto loss = scores.loss(y_true, y_pred, {});
  EXPECT_DOUBLE_EQ(loss.total.item<double>(), 4 + 0.5 * 2);
  scores.update(y_true, y_pred, {}, loss);
  const auto logs = scores.read();
  EXPECT_EQ(logs.names(),
            (std::vector<std::string>{"loss", "mean_squared_error", "mean_absolute_error"}));
  EXPECT_DOUBLE_EQ(logs.at("mean_absolute_error"), 2);
}

TEST(Scores, OnlyWeightedMetricsTakeWeights) {
  Scores scores("mse", {}, {"mae"}, {"mae"});
  const auto y_true = torch::zeros({2, 1});
  const auto y_pred = torch::tensor({{1.0f}, {3.0f}});
  const auto weight = torch::tensor({1.0f, 0.0f});
  scores.update(y_true, y_pred, weight, scores.loss(y_true, y_pred, weight));
  const auto logs = scores.read();
  EXPECT_DOUBLE_EQ(logs.at("mae"), 2);
  EXPECT_DOUBLE_EQ(logs.at("weighted_mae"), 1);
}

TEST(Scores, RefusesWhatCannotWork) {
  const auto error = [](const LossArguments& loss, std::vector<double> weights,
                        const std::vector<MetricArgument>& metrics) {
    return testing::value_error([&] { Scores(loss, weights, metrics, {}); });
  };
  EXPECT_THAT(error({}, {}, {}), HasSubstr("loss is missing"));
  EXPECT_THAT(error("msee", {}, {}), HasSubstr("Did you mean"));
  EXPECT_THAT(error("mse", {1, 2}, {}), HasSubstr("loss_weights has 2 values for 1"));
  EXPECT_THAT(error("mse", {}, {"mae", "mae"}), HasSubstr("'mae' is taken"));
  EXPECT_THAT(error("mse", {}, {R"({"class_name": "Mean", "config": {"name": "loss"}})"}),
              HasSubstr("'loss' is taken"));
  Scores scores(R"({"class_name": "mse", "config": {"reduction": "none"}})", {}, {}, {});
  EXPECT_THAT(testing::value_error([&] {
                scores.loss(torch::zeros({2, 1}), torch::zeros({2, 1}), {});
              }),
              HasSubstr("another reduction"));
}

TEST(Scores, AFileRestoresTheSameValues) {
  const testing::Folder folder;
  const auto y_true = torch::arange(6) % 3;
  const auto y_pred = torch::softmax(torch::randn({6, 3}), 1);
  Scores one_hot("crossentropy", {}, {"accuracy", "ce"}, {"mae"});
  const auto labels = torch::one_hot(y_true, 3).to(at::kFloat);
  one_hot.resolve(labels, y_pred);
  one_hot.update(labels, y_pred, torch::rand({6}), one_hot.loss(labels, y_pred, {}));
  save_scores(folder / "scores.safetensors", one_hot);
  const auto restored = restored_scores(folder / "scores.safetensors");
  EXPECT_EQ(restored.names(), one_hot.read().names());
  EXPECT_EQ(to_json(restored).dump(), to_json(one_hot.read()).dump());
  EXPECT_THAT(testing::value_error([&] {
                serialization::save_safetensors(folder / "other.safetensors", {});
                restored_scores(folder / "other.safetensors");
              }),
              HasSubstr("holds no losses and metrics"));
}

}  // namespace
}  // namespace assay::training
