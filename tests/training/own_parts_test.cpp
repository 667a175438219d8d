// SPDX-License-Identifier: Apache-2.0
// Parts that a program registers by name, as a plugin does too, in an experiment file; and a metric
// of one's own in a trainer.
#include <assay/losses.h>
#include <assay/registry/registry-inl.h>
#include <assay/tests/testing/check.h>
#include <assay/training/callbacks/callback-inl.h>
#include <assay/training/datasets/registry.h>
#include <assay/training/experiment/run.h>
#include <assay/training/layers/layer-inl.h>
#include <assay/training/layers/registry.h>

#include <fstream>

#include "testing/blobs.h"

namespace assay::training {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct CloudsOptions {
  static constexpr auto class_name = "clouds>Clouds";
  std::int64_t rows = 30;
  static constexpr auto fields() {
    return assay::fields(field("rows", &CloudsOptions::rows, "Samples.", at_least_one));
  }
};

struct Clouds : TensorDataset {
  using Options = CloudsOptions;
  explicit Clouds(Options options) : TensorDataset(testing::blobs(options.rows)) {}
};

struct NetOptions {
  static constexpr auto class_name = "clouds>Net";
  std::int64_t width = 8;
  std::optional<std::string> name = std::nullopt;
  static constexpr auto fields() {
    return assay::fields(field("width", &NetOptions::width, "Hidden units.", at_least_one),
                         layers::layer_fields<NetOptions>());
  }
};

class Net final : public layers::LayerOf<Net, NetOptions> {
 public:
  explicit Net(NetOptions options) : LayerOf(std::move(options)) {
    hidden_ = register_module("hidden", torch::nn::Linear(4, options_.width));
    last_ = register_module("last", torch::nn::Linear(options_.width, 3));
  }
  at::Tensor forward(const at::Tensor& x) override { return last_(hidden_(x).relu()); }

 private:
  torch::nn::Linear hidden_ = nullptr;
  torch::nn::Linear last_ = nullptr;
};

struct MarkerOptions {
  static constexpr auto class_name = "clouds>Marker";
  double value = 7;
  static constexpr auto fields() {
    return assay::fields(field("value", &MarkerOptions::value, "What it logs.", finite));
  }
};

class Marker final : public callbacks::CallbackOf<Marker, MarkerOptions> {
 public:
  using CallbackOf::CallbackOf;
  void on_epoch_end(std::int64_t, Logs& logs) override { logs.set("mark", options().value); }
};

class OwnParts : public ::testing::Test {
 protected:
  void SetUp() override {
    layers::registry().add<Net>();
    datasets::registry().add<Clouds>();
    callbacks::registry().add<Marker>();
  }
  void TearDown() override {
    datasets::registry().remove("clouds>Clouds");
    layers::registry().remove("clouds>Net");
    callbacks::registry().remove("clouds>Marker");
  }

  Experiment experiment(const std::vector<std::string>& changes = {}) const {
    const auto file = folder_ / "experiment.json";
    std::ofstream(file) << R"({
      "data": {"dataset": {"class_name": "clouds>Clouds", "config": {"rows": 60}},
               "split": {"test": 0.5, "stratify": true}, "standardize": true},
      "model": {"class_name": "clouds>Net", "config": {"width": 5}},
      "loss": {"class_name": "SparseCategoricalCrossentropy", "config": {"from_logits": true}},
      "metrics": ["accuracy"], "fit": {"epochs": 2},
      "callbacks": [{"class_name": "clouds>Marker", "config": {"value": 3}}], "output": "run"})";
    return load_experiment(file, changes);
  }

  const testing::Folder folder_;
};

TEST_F(OwnParts, TrainFromAnExperimentFile) {
  ExperimentRun run(experiment());
  const auto history = run.fit(Resume::kNever, Verbosity::kSilent);
  EXPECT_THAT(history["mark"], ElementsAre(3, 3));
  EXPECT_EQ(run.data().train->size(), 30);
  EXPECT_EQ(run.trainer().weights()[0].tensor.size(0), 5);
  const auto tested = run.finish();
  auto again = ExperimentRun::trained(experiment());
  EXPECT_EQ(again.evaluate("test", Verbosity::kSilent).logs.at("loss"), tested.logs.at("loss"));
}

TEST_F(OwnParts, AreInTheSchemaAndTheirMistakesAreNamed) {
  EXPECT_THAT(experiment_schema().dump(), HasSubstr("clouds>Net"));
  EXPECT_THAT(testing::value_error([&] { ExperimentRun(experiment({"model.config.width=0"})); }),
              HasSubstr("Net.width"));
  EXPECT_THAT(testing::value_error(
                  [&] { ExperimentRun(experiment({"data.dataset.class_name=clouds>Cloud"})); }),
              HasSubstr("Did you mean 'clouds>Clouds'?"));
}

// Counts how often it is read.
class ReadCount final : public metrics::Metric {
 public:
  ReadCount() : Metric("reads", at::kFloat) { add_state("rows"); }
  Json get_config() const override { return Json::object(); }
  std::string class_name() const override { return "ReadCount"; }
  std::shared_ptr<Metric> fresh() const override { return std::make_shared<ReadCount>(); }
  mutable int reads = 0;

 protected:
  void update(const at::Tensor& y_true, const at::Tensor&, const at::Tensor&) override {
    variables()[0].add_(y_true.size(0));
  }
  at::Tensor compute() const override {
    ++reads;
    return variables()[0];
  }
};

TEST(MetricOfOnesOwn, IsReadOncePerReport) {
  const auto metric = std::make_shared<ReadCount>();
  Trainer trainer(testing::small_net());
  trainer.compile({.optimizer = "sgd",
                   .loss = losses::SparseCategoricalCrossentropy({.from_logits = true}),
                   .metrics = {metric}});
  const auto data = testing::blobs(20);
  const auto history = trainer.fit(data, {.epochs = 3,
                                          .batch_size = 2,
                                          .validation = data,
                                          .callbacks = {"TerminateOnNaN", "History"},
                                          .verbose = Verbosity::kSilent});
  EXPECT_THAT(history["reads"], ElementsAre(20, 20, 20));
  EXPECT_EQ(metric->reads, 6);  // training and validation, each epoch
}

}  // namespace
}  // namespace assay::training
