// SPDX-License-Identifier: Apache-2.0
// Files of every format version that was ever written, kept in tests/golden/files, are read
// forever.
#include <assay/losses.h>
#include <assay/metrics/collection.h>
#include <assay/metrics/registry.h>
#include <assay/serialization/metric_file.h>
#include <assay/serialization/safetensors.h>
#include <assay/tests/testing/check.h>
#include <assay/training/callbacks/early_stopping.h>
#include <assay/training/callbacks/reduce_lr_on_plateau.h>
#include <assay/training/checkpoints/checkpoint.h>
#include <assay/training/trainer.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/linear.h>

#include <ATen/ATen.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "testing/blobs.h"

namespace assay::training {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = ASSAY_SOURCE_DIR "/tests/golden/files";

std::vector<fs::path> versions() {
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(kFolder)) folders.push_back(entry.path());
  return folders;
}

fs::path current() {
  return kFolder / ("v" + std::to_string(serialization::kSafetensorsFormatVersion));
}

Json expected_in(const fs::path& folder) {
  std::ifstream file(folder / "expected.json");
  return Json::parse(file);
}

std::string whole(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

Json numbers(const at::Tensor& tensor) {
  auto list = Json::array();
  const auto values = tensor.detach().to(at::kDouble).flatten().contiguous();
  for (std::int64_t i = 0; i < values.numel(); ++i) {
    list.push_back(number_json(values.const_data_ptr<double>()[i]));
  }
  return list;
}

at::Tensor labels() { return at::tensor({0, 1, 1, 0, 1}); }
at::Tensor scores() { return at::tensor({0.1, 0.8, 0.4, 0.6, 0.9}); }

std::shared_ptr<metrics::Metric> golden_metric() {
  auto metric = metrics::get(R"({"class_name": "AUC", "config": {"num_thresholds": 5}})");
  metric->update_state(labels(), scores());
  return metric;
}

metrics::MetricCollection golden_collection() {
  auto collection = metrics::MetricCollection::from_json(
      R"({"metrics": ["precision", "recall", "mse"], "prefix": "val_"})");
  collection.update_state(labels(), scores());
  return collection;
}

Json results_of(const metrics::MetricCollection& collection) {
  auto results = Json::object();
  for (const auto& [name, value] : collection.results()) results[name] = numbers(value);
  return results;
}

Trainer golden_trainer() {
  Trainer trainer(torch::nn::Sequential(torch::nn::Linear(4, 3)));
  trainer.compile({.optimizer = "adam",
                   .loss = losses::SparseCategoricalCrossentropy({.from_logits = true}),
                   .metrics = {"accuracy"}});
  return trainer;
}

FitOptions golden_fit(std::int64_t epochs) {
  return {.epochs = epochs,
          .batch_size = 4,
          .seed = 5,
          .callbacks = {callbacks::EarlyStopping(
                            {.monitor = "loss", .patience = 3, .restore_best_weights = true}),
                        callbacks::ReduceLROnPlateau({.monitor = "loss", .patience = 2})},
          .verbose = Verbosity::kSilent};
}

Json weights_of(const Trainer& trainer) {
  auto weights = Json::object();
  for (const auto& [name, tensor] : trainer.weights()) weights[name] = numbers(tensor);
  return weights;
}

// Run by hand where the format's version has been raised; see tests/golden/README.md.
TEST(GoldenFiles, DISABLED_Write) {
  fs::create_directories(current());
  const auto metric = golden_metric();
  serialization::save_metric(current() / "metric.safetensors", *metric);
  const auto collection = golden_collection();
  serialization::save_collection(current() / "collection.safetensors", collection);
  at::manual_seed(3);
  auto trainer = golden_trainer();
  const auto history = trainer.fit(testing::blobs(12), golden_fit(2));
  trainer.save_checkpoint(current() / "trainer.safetensors");
  const Json expected = {{"metric", numbers(metric->result())},
                         {"collection", results_of(collection)},
                         {"trainer",
                          {{"weights", weights_of(trainer)},
                           {"loss", history["loss"]},
                           {"updates", trainer.position().updates}}}};
  std::ofstream(current() / "expected.json") << expected.dump(1) << '\n';
}

TEST(GoldenFiles, OfTheCurrentVersionAreThere) {
  for (const char* name : {"metric", "collection", "trainer"}) {
    EXPECT_TRUE(fs::exists(current() / (std::string(name) + ".safetensors"))) << name;
  }
}

TEST(GoldenFiles, OfMetricsAreRead) {
  for (const auto& folder : versions()) {
    ASSAY_TRACE(folder.string());
    const auto expected = expected_in(folder);
    EXPECT_EQ(numbers(serialization::load_metric(folder / "metric.safetensors")->result()),
              expected["metric"]);
    EXPECT_EQ(results_of(serialization::load_collection(folder / "collection.safetensors")),
              expected["collection"]);
  }
}

TEST(GoldenFiles, OfTrainersAreRead) {
  for (const auto& folder : versions()) {
    ASSAY_TRACE(folder.string());
    const auto expected = expected_in(folder)["trainer"];
    at::manual_seed(4);
    auto trainer = golden_trainer();
    trainer.load_checkpoint(folder / "trainer.safetensors");
    EXPECT_EQ(weights_of(trainer), expected["weights"]);
    EXPECT_EQ(Json(trainer.history()["loss"]), expected["loss"]);
    EXPECT_EQ(Json(trainer.position().updates), expected["updates"]);
    EXPECT_EQ(trainer.fit(testing::blobs(12), golden_fit(3)).epochs().size(), 3U);
  }
}

// A change of these bytes is a new version of the format. (The collection holds a mean of rounded
// squares, whose last bit depends on the kernel.)
TEST(GoldenFiles, AreWhatIsWrittenToday) {
  const testing::Folder folder;
  serialization::save_metric(folder / "metric", *golden_metric());
  EXPECT_TRUE(whole(folder / "metric") == whole(current() / "metric.safetensors"));
}

}  // namespace
}  // namespace assay::training
