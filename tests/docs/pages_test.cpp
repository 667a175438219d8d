// SPDX-License-Identifier: Apache-2.0
// The programs on the pages of docs/: test_pages.py finds each block of C++ in here, or in
// examples/.
#include <assay/distributed.h>
#include <assay/losses.h>
#include <assay/metrics.h>
#include <assay/serialization/metric_file.h>
#include <assay/training/trainer.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <chrono>

namespace {

namespace losses = assay::losses;
namespace metrics = assay::metrics;

TEST(Pages, FromKeras) {
  const auto x = at::randn({12, 8});
  const auto y = at::arange(12).remainder(3);
  // clang-format off
  torch::nn::Sequential network(torch::nn::Linear(8, 32), torch::nn::ReLU(), torch::nn::Linear(32, 3));
  assay::Trainer trainer(network);
  trainer.compile({.optimizer = "adam",
                   .loss = losses::SparseCategoricalCrossentropy({.from_logits = true}),
                   .metrics = {"accuracy"}});
  const auto history = trainer.fit({x, y}, {.epochs = 3, .verbose = assay::training::Verbosity::kSilent});
  const auto auc = metrics::get(R"({"module": "keras.metrics", "class_name": "AUC",
      "config": {"name": "auc", "num_thresholds": 100, "curve": "PR"}, "registered_name": null})");
  // clang-format on
  EXPECT_EQ(history.epochs().size(), 3);
  EXPECT_EQ(auc->get_config()["num_thresholds"], 100);
}

TEST(Pages, Training) {
  using torch::data::transforms::Stack;
  struct Points : torch::data::Dataset<Points> {
    torch::data::Example<> get(std::size_t i) override {
      return {at::full({2}, static_cast<double>(i)), at::full({1}, static_cast<double>(i))};
    }
    std::optional<std::size_t> size() const override { return 64; }
  } dataset;
  assay::Trainer trainer{torch::nn::Linear(2, 1)};
  trainer.compile({.optimizer = "sgd", .loss = "mse"});
  const auto loader = torch::data::make_data_loader(dataset.map(Stack<>()), 32);
  trainer.fit(*loader, {.epochs = 10});
}

TEST(Pages, Distributed) {
  const torch::nn::Linear net(2, 1);
  const assay::training::Data train(at::randn({8, 2}), at::randn({8, 1}));
  const assay::training::Data test(at::randn({4, 2}), at::randn({4, 1}));
  metrics::MetricCollection collection({metrics::get("mae")});
  collection.update_state(at::zeros({2, 1}), at::ones({2, 1}));
  // clang-format off
  auto group = assay::distributed::Group::from_environment({.timeout = std::chrono::minutes(5)});
  assay::Trainer trainer(net);
  trainer.distribute(group);
  trainer.compile({.optimizer = "adam", .loss = "mse", .metrics = {"mae"}});
  trainer.fit(train, {.epochs = 10, .batch_size = 256, .validation = test});
  auto all = assay::distributed::synchronized(collection, *group);   // one collective
  all.results();                                                     // the same on every rank
  // clang-format on
  EXPECT_EQ(all.results().at("mean_absolute_error").item<float>(), 1);
}

TEST(Pages, FromTorchmetrics) {
  const auto target = at::tensor({1.0F, 0.0F}).view({2, 1});
  const auto preds = at::tensor({0.9F, 0.2F}).view({2, 1});
  metrics::F1Score f1({.average = "macro"});
  f1.update_state(target, preds);
  const auto score = f1.result().item<float>();
  assay::serialization::save_metric("f1.safetensors", f1);
  const auto restored = assay::serialization::load_metric("f1.safetensors");
  EXPECT_EQ(restored->result().item<float>(), score);
}

}  // namespace
