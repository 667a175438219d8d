// SPDX-License-Identifier: Apache-2.0
// A training that goes on from a checkpoint ends bit for bit as one that was never cut.
#include <assay/losses.h>
#include <assay/tests/testing/check.h>
#include <assay/training/callbacks/backup_and_restore.h>
#include <assay/training/callbacks/early_stopping.h>
#include <assay/training/callbacks/lambda_callback.h>
#include <assay/training/callbacks/reduce_lr_on_plateau.h>
#include <assay/training/checkpoints/checkpoint.h>
#include <assay/training/trainer.h>

#include <fstream>

#include "testing/blobs.h"

namespace assay::training {
namespace {

using callbacks::LambdaCallback;
using ::testing::HasSubstr;

struct Setting {
  const char* optimizer = "adam";
  std::int64_t loader_threads = 0;
  bool has_schedule = false;
  const char* dtype_policy = "float32";
};

struct Result {
  std::vector<at::Tensor> weights;
  History history;
  Logs values;
  std::int64_t updates = 0;
};

const auto kData = testing::blobs(30);

torch::nn::Sequential net_with_buffers(std::uint64_t seed) {
  torch::manual_seed(seed);
  return torch::nn::Sequential(torch::nn::Linear(4, 8), torch::nn::BatchNorm1d(8),
                               torch::nn::ReLU(), torch::nn::Dropout(0.5), torch::nn::Linear(8, 3));
}

// One part of a training of 3 epochs with 8 batches each, from a checkpoint if there is one, which
// is interrupted after some batches. Another seed: everything must come out of the checkpoint.
Result train(const Setting& setting, const std::filesystem::path& checkpoint,
             std::int64_t stop_after, std::uint64_t seed) {
  Trainer trainer(net_with_buffers(seed));
  trainer.compile({.optimizer = setting.optimizer,
                   .loss = losses::SparseCategoricalCrossentropy({.from_logits = true}),
                   .metrics = {"accuracy"},
                   .weighted_metrics = {"ce"},
                   .dtype_policy = setting.dtype_policy});
  if (std::filesystem::exists(checkpoint)) trainer.load_checkpoint(checkpoint);
  std::int64_t batches = 0;
  FitOptions options{.epochs = 3,
                     .batch_size = 4,
                     .validation = kData,
                     .seed = seed,
                     .verbose = Verbosity::kSilent,
                     .class_weight = {{1, 2.0}},
                     .threads = setting.loader_threads};
  options.callbacks = {callbacks::EarlyStopping({.patience = 5, .restore_best_weights = true}),
                       LambdaCallback({.on_train_batch_end = [&](std::int64_t, const BatchLogs&) {
                         if (++batches == stop_after) trainer.interrupt();
                       }})};
  // The rate of a schedule cannot be set.
  if (!setting.has_schedule) {
    options.callbacks.emplace_back(callbacks::ReduceLROnPlateau(
        {.monitor = "loss", .factor = 0.5, .patience = 1, .min_delta = 0.5}));
  }
  Result result{.history = trainer.fit(kData, options)};
  if (trainer.interrupted()) {
    trainer.save_checkpoint(checkpoint);
  } else {
    result.values = trainer.evaluate(kData);
  }
  for (const auto& [name, tensor] : trainer.weights()) result.weights.push_back(tensor.clone());
  result.updates = trainer.position().updates;
  return result;
}

std::string without_times(const History& history) {
  auto json = history.to_json();
  json.erase("seconds");
  return json.dump();
}

void expect_same(const Result& actual, const Result& expected) {
  EXPECT_TRUE(testing::same_bits(actual.weights, expected.weights));
  EXPECT_EQ(without_times(actual.history), without_times(expected.history));
  EXPECT_EQ(to_json(actual.values).dump(), to_json(expected.values).dump());
  EXPECT_EQ(actual.updates, expected.updates);
}

void expect_resume_is_exact(const Setting& setting) {
  const testing::Folder folder;
  const auto whole = train(setting, folder / "none.safetensors", -1, 11);
  for (std::int64_t cut = 1; cut < 24; cut += 3) {
    ASSAY_TRACE("cut after batch " << cut);
    const auto file = folder / "checkpoint.safetensors";
    std::filesystem::remove(file);
    train(setting, file, cut, 11);
    ASSERT_TRUE(std::filesystem::exists(file));
    expect_same(train(setting, file, -1, 99), whole);
  }
}

TEST(Resume, IsExactWithAdamDropoutAndBatchNorm) { expect_resume_is_exact({}); }

TEST(Resume, IsExactWithMomentum) {
  expect_resume_is_exact(
      {.optimizer = R"({"class_name": "RMSprop", "config": {"momentum": 0.9}})"});
}

TEST(Resume, IsExactWithASchedule) {
  expect_resume_is_exact({.optimizer = R"({"class_name": "AdamW", "config": {"learning_rate":
      {"class_name": "CosineDecay", "config": {"initial_learning_rate": 0.01, "decay_steps": 20,
       "warmup_steps": 5, "warmup_target": 0.05}}}})",
                          .has_schedule = true});
}

TEST(Resume, IsExactWithOneAndWithSeveralLoadingThreads) {
  for (const std::int64_t threads : {1, 3}) expect_resume_is_exact({.loader_threads = threads});
}

TEST(Resume, IsExactInTheMiddleOfAnUpdate) {
  expect_resume_is_exact({.optimizer = R"({"class_name": "SGD",
      "config": {"momentum": 0.9, "nesterov": true, "gradient_accumulation_steps": 3}})"});
}

TEST(Resume, IsExactWithAveragedWeights) {
  expect_resume_is_exact({.optimizer = R"({"class_name": "Adam",
      "config": {"use_ema": true, "ema_momentum": 0.8, "ema_overwrite_frequency": 5}})"});
}

TEST(Resume, IsExactInMixedPrecision) {
  expect_resume_is_exact({.dtype_policy = "mixed_bfloat16"});
}

TEST(Resume, IsExactOverManyCuts) {
  const testing::Folder folder;
  const auto whole = train({}, folder / "none.safetensors", -1, 11);
  const auto file = folder / "checkpoint.safetensors";
  for (int cut = 0; cut < 11; ++cut) train({}, file, 2, 11 + static_cast<std::uint64_t>(cut));
  expect_same(train({}, file, -1, 99), whole);
}

TEST(Resume, BackupAndRestoreGoesOnByItself) {
  const testing::Folder folder;
  const auto run = [&](std::int64_t fail_at) {
    Trainer trainer(testing::small_net());
    trainer.compile({.optimizer = "adam",
                     .loss = losses::SparseCategoricalCrossentropy({.from_logits = true})});
    std::int64_t batches = 0;
    FitOptions options{.epochs = 2, .batch_size = 5, .seed = 1, .verbose = Verbosity::kSilent};
    options.callbacks = {
        callbacks::BackupAndRestore({.backup_dir = folder / "backup", .save_freq = 2}),
        LambdaCallback({.on_train_batch_end = [&](std::int64_t, const BatchLogs&) {
          TORCH_CHECK(++batches != fail_at, "power cut");
        }})};
    trainer.fit(kData, options);
    return testing::copies(trainer.model().module().parameters());
  };
  const auto whole = run(-1);
  EXPECT_FALSE(std::filesystem::exists(folder / "backup"));
  EXPECT_THROW(run(5), c10::Error);
  EXPECT_TRUE(std::filesystem::exists(folder / "backup/latest.safetensors"));
  EXPECT_THROW(run(5), c10::Error);
  EXPECT_TRUE(testing::same_bits(run(-1), whole));
}

class Refusal : public ::testing::Test {
 protected:
  static std::unique_ptr<Trainer> trainer(const torch::nn::Sequential& net,
                                          const char* optimizer = "adam",
                                          std::vector<MetricArgument> metrics = {"accuracy"}) {
    auto made = std::make_unique<Trainer>(net);
    made->compile({.optimizer = optimizer,
                   .loss = losses::SparseCategoricalCrossentropy({.from_logits = true}),
                   .metrics = std::move(metrics)});
    return made;
  }

  void SetUp() override {
    auto made = trainer(testing::small_net(1));
    made->fit(kData, {.verbose = Verbosity::kSilent});
    made->save_checkpoint(file_);
  }

  // The message; everything must be as it was.
  std::string refused(Trainer& victim) {
    victim.fit(kData, {.seed = 1, .verbose = Verbosity::kSilent});
    const auto weights = testing::copies(victim.model().module().parameters());
    const auto position = victim.position();
    const auto random = at::detail::getDefaultCPUGenerator().get_state();
    const auto history = victim.history().to_json();
    const auto error = testing::value_error([&] { victim.load_checkpoint(file_); });
    EXPECT_TRUE(testing::same_bits(weights, victim.model().module().parameters()));
    EXPECT_TRUE(testing::same_bits(random, at::detail::getDefaultCPUGenerator().get_state()));
    EXPECT_EQ(position.updates, victim.position().updates);
    EXPECT_EQ(history, victim.history().to_json());
    EXPECT_THAT(error, HasSubstr(file_.string()));
    return error;
  }

  const testing::Folder folder_;
  const std::filesystem::path file_ = folder_ / "checkpoint.safetensors";
};

TEST_F(Refusal, OfAnotherModel) {
  auto bigger = trainer(
      torch::nn::Sequential(torch::nn::Linear(4, 17), torch::nn::ReLU(), torch::nn::Linear(17, 3)));
  EXPECT_THAT(refused(*bigger), HasSubstr("0.weight"));
}

TEST_F(Refusal, OfAnotherOptimizer) {
  auto other = trainer(testing::small_net(2), "sgd");
  EXPECT_THAT(refused(*other), HasSubstr("Adam"));
}

TEST_F(Refusal, OfOtherMetrics) {
  auto other = trainer(testing::small_net(2), "adam", {"ce"});
  EXPECT_THAT(refused(*other), HasSubstr("ce"));
  auto more = trainer(testing::small_net(2), "adam", {"accuracy", "ce"});
  EXPECT_THAT(refused(*more), HasSubstr("other losses or metrics"));
}

TEST_F(Refusal, OfDamage) {
  auto victim = trainer(testing::small_net(2));
  const auto size = std::filesystem::file_size(file_);
  std::filesystem::resize_file(file_, size - 1);
  refused(*victim);
  std::ofstream(file_) << "nonsense";
  refused(*victim);
  serialization::save_safetensors(file_, {{"x", torch::zeros(3)}});
  EXPECT_THAT(refused(*victim), HasSubstr("no checkpoint"));
}

TEST_F(Refusal, OfANewerVersionAndWrongDescriptions) {
  auto victim = trainer(testing::small_net(2));
  const auto file = serialization::load_safetensors(file_);
  std::vector<serialization::NamedTensor> tensors;
  for (const auto& [name, tensor] : file.tensors) tensors.push_back({name, tensor.clone()});
  const auto with = [&](const std::function<void(Json&)>& change) {
    auto metadata = file.metadata;
    auto description = Json::parse(metadata["checkpoint"]);
    change(description);
    metadata["checkpoint"] = description.dump();
    serialization::save_safetensors(file_, tensors, metadata);
    return refused(*victim);
  };
  EXPECT_THAT(with([](Json& json) { json["version"] = kCheckpointVersion + 1; }),
              HasSubstr("written by a newer assay"));
  EXPECT_THAT(with([](Json& json) { json.erase("position"); }), HasSubstr("'position'"));
  EXPECT_THAT(with([](Json& json) { json["position"]["epoch"] = -1; }), HasSubstr("epoch"));
  EXPECT_THAT(with([](Json& json) { json["position"]["seed"] = "x"; }), HasSubstr("seed"));
  EXPECT_THAT(with([](Json& json) { json["history"] = 3; }), HasSubstr("history"));
  EXPECT_THAT(with([](Json& json) { json["callbacks"] = {1}; }), HasSubstr("class_name"));
  with([](Json& json) { json["scores"] = Json::array(); });
  with([](Json& json) { json["optimizer"] = Json::object(); });
}

}  // namespace
}  // namespace assay::training
