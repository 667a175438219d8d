// SPDX-License-Identifier: Apache-2.0
// The programs of docs/tour.md.
#include <assay/losses.h>
#include <assay/metrics.h>
#include <assay/serialization/metric_file.h>
#include <assay/training/trainer.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <filesystem>

namespace {

namespace losses = assay::losses;
namespace metrics = assay::metrics;

float number(const at::Tensor& tensor) { return tensor.item<float>(); }

// clang-format off

TEST(Tour, ALoss) {
  const auto labels = torch::tensor({1, 2, 0});
  const auto logits = torch::tensor({{0.1F, 2.0F, 0.3F}, {1.0F, 0.5F, 3.0F}, {0.2F, 0.2F, 0.2F}}).requires_grad_();

  losses::SparseCategoricalCrossentropy loss({.from_logits = true});
  auto value = loss(labels, logits);                                        // the mean of three rows
  auto weighted = loss(labels, logits, torch::tensor({1.0F, 1.0F, 0.0F}));  // one weight a row
  value.backward();
  EXPECT_NEAR(number(value), 0.527406, 1e-6);
  EXPECT_NEAR(number(weighted), 0.161202, 1e-6);
  EXPECT_TRUE(logits.grad().defined());

  losses::SparseCategoricalCrossentropy some({
      .from_logits = true,
      .ignore_class = -1,                       // rows labelled -1 leave sum and count
      .label_smoothing = 0.1,
      .reduction = assay::Reduction::kSum,
  });
  EXPECT_EQ(number(some(torch::tensor({-1, -1, -1}), logits)), 0);
}

TEST(Tour, AMetric) {
  const auto labels = torch::tensor({1, 2, 0});
  const auto scores = torch::tensor({{0.1F, 0.8F, 0.1F}, {0.2F, 0.1F, 0.7F}, {0.1F, 0.8F, 0.1F}});

  metrics::SparseCategoricalAccuracy accuracy;
  accuracy.update_state(labels, scores);        // a batch; again for each of the next
  auto so_far = accuracy.result();              // 2/3

  metrics::SparseCategoricalAccuracy other;     // of another thread, machine, day
  other.update_state(labels.slice(0, 0, 1), scores.slice(0, 0, 1));
  accuracy.merge_state({&other});               // 3/4: as if one metric had seen all rows
  EXPECT_FLOAT_EQ(number(so_far), 2.0F / 3);
  EXPECT_EQ(number(accuracy.result()), 0.75F);

  assay::serialization::save_metric("accuracy.safetensors", accuracy);
  const auto restored = assay::serialization::load_metric("accuracy.safetensors");
  accuracy.reset_state();
  EXPECT_EQ(number(restored->result()), 0.75F);
  EXPECT_EQ(number(accuracy.result()), 0);
  std::filesystem::remove("accuracy.safetensors");
}

TEST(Tour, Names) {
  const auto huber = losses::get(R"({"class_name": "Huber", "config": {"delta": 2.0}})");
  const auto mse = losses::get("mse");
  const auto config = huber->get_config();      // {"delta": 2.0, "reduction": ..., "name": ...}
  EXPECT_EQ(config["delta"], 2.0);
  EXPECT_EQ(mse->class_name(), "MeanSquaredError");
  testing::internal::CaptureStderr();

  try {
    losses::get(R"({"class_name": "Huber", "config": {"dleta": 2.0}})");
  } catch (const c10::ValueError& error) {
    std::cerr << error.what_without_backtrace();
  }
  const auto said = testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("Did you mean 'delta'?"), std::string::npos) << said;
}

TEST(Tour, AModel) {
  const auto x = torch::randn({64, 4});
  const auto y = x.narrow(1, 0, 3).argmax(1);

  torch::nn::Sequential network(torch::nn::Linear(4, 16), torch::nn::ReLU(), torch::nn::Linear(16, 3));
  assay::Trainer trainer(network);
  trainer.compile({.optimizer = "adam",
                   .loss = losses::SparseCategoricalCrossentropy({.from_logits = true}),
                   .metrics = {"accuracy", "crossentropy"}});
  auto history = trainer.fit({x, y}, {.epochs = 2, .validation_split = 0.25});
  auto logs = trainer.evaluate({x, y});
  auto predictions = trainer.predict(x);        // logits, as the network makes them
  EXPECT_EQ(history.epochs().size(), 2);
  EXPECT_GT(logs.at("accuracy"), 0);
  EXPECT_EQ(predictions.sizes(), (std::vector<std::int64_t>{64, 3}));
}

// clang-format on

}  // namespace
