// SPDX-License-Identifier: Apache-2.0
#include <assay/losses.h>
#include <assay/tests/testing/check.h>
#include <assay/training/callbacks.h>
#include <assay/training/trainer.h>
#include <torch/csrc/profiler/api.h>

#include <cmath>
#include <fstream>
#include <sstream>

#include "testing/blobs.h"

namespace assay::training::callbacks {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Trainer compiled(const char* optimizer = "sgd") {
  Trainer trainer(testing::small_net(2, 0));
  trainer.compile({.optimizer = optimizer,
                   .loss = losses::SparseCategoricalCrossentropy({.from_logits = true}),
                   .metrics = {"accuracy"}});
  return trainer;
}

// Gives the logs of each epoch values of the test's choosing, before the callbacks that follow.
LambdaCallback replaying(std::string name, std::vector<double> values) {
  return LambdaCallback({.on_epoch_end = [=](std::int64_t epoch, training::Logs& logs) {
    logs.set(name, values.at(static_cast<std::size_t>(epoch)));
  }});
}

training::History fit(Trainer& trainer, std::vector<training::CallbackArgument> callbacks,
                      std::int64_t epochs = 3) {
  return trainer.fit(testing::blobs(12), {.epochs = epochs,
                                          .batch_size = 4,
                                          .seed = 1,
                                          .callbacks = std::move(callbacks),
                                          .verbose = training::Verbosity::kSilent});
}

std::string text_of(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

TEST(Callbacks, AreCalledInOrder) {
  std::vector<std::string> calls;
  const auto noting = [&](std::string name) {
    return LambdaCallback(
        {.on_epoch_begin = [&, name](std::int64_t) { calls.push_back(name + " epoch begin"); },
         .on_epoch_end = [&, name](std::int64_t,
                                   training::Logs&) { calls.push_back(name + " epoch end"); },
         .on_train_begin = [&, name] { calls.push_back(name + " begin"); },
         .on_train_end = [&, name](const training::Logs&) { calls.push_back(name + " end"); }});
  };
  auto trainer = compiled();
  fit(trainer, {noting("a"), noting("b")}, 1);
  EXPECT_THAT(calls, ElementsAre("a begin", "b begin", "a epoch begin", "b epoch begin",
                                 "a epoch end", "b epoch end", "a end", "b end"));
}

// Notes what is called; interrupts after a batch where asked.
class Moments final : public Callback {
 public:
  explicit Moments(std::int64_t last_batch = -1) : last_batch_(last_batch) {}
  void on_train_begin() override { note("train begin"); }
  void on_train_end(const training::Logs&) override { note("train end"); }
  void on_epoch_begin(std::int64_t epoch) override { note("epoch begin", epoch); }
  void on_epoch_resume(std::int64_t epoch, std::int64_t batch) override {
    note("epoch resume", epoch);
    note("from", batch);
  }
  void on_epoch_end(std::int64_t epoch, training::Logs&) override { note("epoch end", epoch); }
  void on_train_batch_begin(std::int64_t batch) override { note("batch begin", batch); }
  void on_train_batch_end(std::int64_t batch, const training::BatchLogs&) override {
    note("batch end", batch);
    if (batch == last_batch_) trainer().interrupt();
  }
  void on_test_begin() override { note("test begin"); }
  void on_test_end(const training::Logs&) override { note("test end"); }
  void on_test_batch_begin(std::int64_t batch) override { note("test batch begin", batch); }
  void on_test_batch_end(std::int64_t batch, const training::BatchLogs&) override {
    note("test batch end", batch);
  }
  void on_predict_begin() override { note("predict begin"); }
  void on_predict_end() override { note("predict end"); }
  void on_predict_batch_begin(std::int64_t batch) override { note("predict batch begin", batch); }
  void on_predict_batch_end(std::int64_t batch) override { note("predict batch end", batch); }
  Json get_config() const override { return Json::object(); }
  std::string class_name() const override { return "Moments"; }

  std::vector<std::string> calls;

 private:
  void note(const std::string& what) { calls.push_back(what); }
  void note(const std::string& what, std::int64_t number) {
    calls.push_back(what + " " + std::to_string(number));
  }

  std::int64_t last_batch_;
};

TEST(Callbacks, AreCalledAtEveryMoment) {
  auto trainer = compiled();
  const auto data = testing::blobs(6);
  const auto calls = [&](const std::function<void(const training::CallbackArgument&)>& run) {
    const auto moments = std::make_shared<Moments>();
    run(moments);
    return moments->calls;
  };
  const std::vector<std::string> test = {"test begin",       "test batch begin 0",
                                         "test batch end 0", "test batch begin 1",
                                         "test batch end 1", "test end"};
  EXPECT_EQ(calls([&](const training::CallbackArgument& moments) {
              trainer.evaluate(data, {.batch_size = 3, .callbacks = {moments}});
            }),
            test);
  EXPECT_THAT(
      calls([&](const training::CallbackArgument& moments) {
        trainer.predict(data, {.batch_size = 6, .callbacks = {moments}});
      }),
      ElementsAre("predict begin", "predict batch begin 0", "predict batch end 0", "predict end"));
  std::vector<std::string> whole = {"train begin", "epoch begin 0", "batch begin 0",
                                    "batch end 0", "batch begin 1", "batch end 1"};
  whole.insert(whole.end(), test.begin(), test.end());
  whole.insert(whole.end(), {"epoch end 0", "train end"});
  EXPECT_EQ(calls([&](const training::CallbackArgument& moments) {
              trainer.fit(data, {.batch_size = 3,
                                 .validation = data,
                                 .callbacks = {moments},
                                 .verbose = training::Verbosity::kSilent});
            }),
            whole);
}

TEST(Callbacks, AreToldWhereAnEpochGoesOn) {
  const testing::Folder folder;
  auto cut = compiled();
  fit(cut, {std::make_shared<Moments>(0)}, 1);
  cut.save_checkpoint(folder / "cut.safetensors");
  auto trainer = compiled();
  trainer.load_checkpoint(folder / "cut.safetensors");
  const auto moments = std::make_shared<Moments>();
  fit(trainer, {moments}, 1);
  EXPECT_THAT(moments->calls,
              ElementsAre("train begin", "epoch resume 0", "from 1", "batch begin 1", "batch end 1",
                          "batch begin 2", "batch end 2", "epoch end 0", "train end"));
}

TEST(Callbacks, AnExceptionEndsFit) {
  auto trainer = compiled();
  bool others = false;
  EXPECT_THROW(
      fit(trainer,
          {LambdaCallback({.on_train_batch_end =
                               [](std::int64_t, const training::BatchLogs&) {
                                 throw std::runtime_error("enough");
                               }}),
           LambdaCallback({.on_train_end = [&](const training::Logs&) { others = true; }})}),
      std::runtime_error);
  EXPECT_FALSE(others);
  EXPECT_EQ(trainer.position().updates, 1);
  EXPECT_NO_THROW(fit(trainer, {}));
}

TEST(Callbacks, WhatTheyLogReachesTheHistory) {
  auto trainer = compiled();
  const auto history = fit(trainer, {replaying("mine", {1, 2, 3})});
  EXPECT_EQ(history["mine"], (std::vector<double>{1, 2, 3}));
}

TEST(Callbacks, ConfigurationsComeBack) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"EarlyStopping", R"({"monitor": "loss", "patience": 3, "baseline": 0.5})"},
      {"ReduceLROnPlateau", R"({"factor": 0.2, "min_lr": 0.001})"},
      {"ModelCheckpoint", R"({"filepath": "a.safetensors", "save_freq": 10})"},
      {"CSVLogger", R"({"filename": "log.csv", "separator": ";"})"},
      {"BackupAndRestore", R"({"backup_dir": "b", "save_freq": "epoch"})"},
      {"TerminateOnNaN", R"({"raise_error": true})"},
      {"LearningRateScheduler", R"({"schedule": 0.5})"},
      {"TensorBoard", R"({"log_dir": "logs", "histogram_freq": 2, "write_graph": false,
                          "write_images": true, "update_freq": 10, "profile_batch": [2, 4],
                          "embeddings_freq": 1, "embeddings_metadata": {"words": "w.tsv"}})"},
      {"History", "{}"},
      {"ProgbarLogger", "{}"}};
  std::vector<std::string> tested;
  for (const auto& [name, text] : cases) {
    tested.emplace_back(name);
    const auto given = Json::parse(text);
    const auto config = get(Json{{"class_name", name}, {"config", given}})->get_config();
    for (const auto& [key, value] : given.items()) EXPECT_EQ(config[key], value) << name << key;
    EXPECT_EQ(get(Json{{"class_name", name}, {"config", config}})->get_config(), config);
  }
  EXPECT_THAT(tested, ::testing::UnorderedElementsAreArray(registry().names()));
}

TEST(EarlyStopping, StopsAfterPatienceAndRestoresTheBest) {
  auto trainer = compiled();
  std::vector<std::vector<at::Tensor>> weights;
  auto stopping = std::make_shared<EarlyStopping>(EarlyStoppingOptions{
      .monitor = "x", .patience = 2, .mode = "min", .restore_best_weights = true});
  const auto history = fit(trainer,
                           {replaying("x", {5, 3, 4, 3.5, 1, 1}), stopping,
                            LambdaCallback({.on_epoch_end =
                                                [&](std::int64_t, training::Logs&) {
                                                  weights.push_back(testing::copies(
                                                      trainer.model().module().parameters()));
                                                }})},
                           6);
  EXPECT_EQ(history.epochs().size(), 4u);
  EXPECT_EQ(stopping->stopped_epoch(), 3);
  EXPECT_TRUE(testing::same_bits(trainer.model().module().parameters(), weights[1]));
}

TEST(EarlyStopping, HonoursDeltaBaselineAndStart) {
  const auto epochs = [](EarlyStoppingOptions options, std::vector<double> values) {
    auto trainer = compiled();
    options.monitor = "x";
    options.mode = "max";
    const auto count = static_cast<std::int64_t>(values.size());
    return fit(trainer, {replaying("x", std::move(values)), EarlyStopping(options)}, count)
        .epochs()
        .size();
  };
  EXPECT_EQ(epochs({.min_delta = 0.5, .patience = 1}, {1, 1.4, 2, 3}), 2u);
  EXPECT_EQ(epochs({.patience = 2, .baseline = 10}, {1, 2, 3, 2, 1}), 4u);
  EXPECT_EQ(epochs({.patience = 1, .start_from_epoch = 2}, {5, 4, 3, 2, 1}), 4u);
}

TEST(Monitor, KnowsWhichWayIsBetterOrAsks) {
  auto trainer = compiled();
  Monitor accuracy("EarlyStopping", "val_accuracy", "auto", 0);
  EXPECT_TRUE(accuracy.improves(trainer, 0.9, 0.8));
  Monitor loss("EarlyStopping", "val_loss", "auto", 0);
  EXPECT_TRUE(loss.improves(trainer, 0.7, 0.8));
  EXPECT_FALSE(loss.improves(trainer, std::nan(""), 0.8));
  EXPECT_FALSE(loss.improves(trainer, std::nan(""), std::nullopt));
  EXPECT_TRUE(loss.improves(trainer, 0.8, std::nan("")));
  Monitor unknown("EarlyStopping", "speed", "auto", 0);
  EXPECT_THAT(testing::value_error([&] { unknown.improves(trainer, 1, 2); }),
              HasSubstr("say max or min"));
}

TEST(ReduceLROnPlateau, ReducesAfterPatienceWithCooldown) {
  auto trainer = compiled();
  const auto history =
      fit(trainer,
          {replaying("x", {1, 1, 1, 1, 1, 1}), ReduceLROnPlateau({.monitor = "x",
                                                                  .factor = 0.5,
                                                                  .patience = 1,
                                                                  .mode = "min",
                                                                  .cooldown = 2,
                                                                  .min_lr = 0.004})},
          6);
  // Keras logs the rate of the epoch, before it is reduced.
  const auto rates = history["learning_rate"];
  const std::vector<double> expected = {0.01, 0.01, 0.005, 0.005, 0.004, 0.004};
  for (std::size_t i = 0; i < rates.size(); ++i) EXPECT_DOUBLE_EQ(rates[i], expected[i]) << i;
}

TEST(LearningRateScheduler, SetsTheRateOfEachEpoch) {
  auto trainer = compiled();
  const auto halved = fit(trainer, {LearningRateScheduler([](std::int64_t epoch, double rate) {
                            return epoch == 0 ? rate : rate / 2;
                          })});
  EXPECT_THAT(halved["learning_rate"], ElementsAre(0.01, 0.005, 0.0025));
  const auto decayed = fit(trainer, {R"({"class_name": "LearningRateScheduler", "config":
      {"schedule": {"class_name": "ExponentialDecay", "config": {"initial_learning_rate": 1.0,
       "decay_steps": 1, "decay_rate": 0.5}}}})"});
  EXPECT_THAT(decayed["learning_rate"], ElementsAre(1, 0.5, 0.25));
  EXPECT_THAT(testing::value_error([] { get("LearningRateScheduler"); }), HasSubstr("schedule"));
}

TEST(TerminateOnNaN, EndsTrainingOrThrows) {
  const auto train = [](bool raise_error) {
    auto trainer = compiled(R"({"class_name": "sgd", "config": {"learning_rate": 1e30}})");
    return fit(trainer, {TerminateOnNaN({.raise_error = raise_error})}, 50);
  };
  EXPECT_LT(train(false).epochs().size(), 50u);
  EXPECT_THROW(train(true), c10::Error);
}

TEST(CSVLogger, WritesOneRowPerEpoch) {
  const testing::Folder folder;
  auto trainer = compiled();
  const auto history = fit(trainer, {CSVLogger({.filename = folder / "log.csv"})}, 2);
  std::ostringstream expected;
  expected << "epoch,accuracy,loss,val_accuracy,val_loss\r\n";
  for (std::size_t i = 0; i < 2; ++i) {
    expected << i << ',' << Json(history["accuracy"][i]).dump() << ','
             << Json(history["loss"][i]).dump() << ",NA,NA\r\n";
  }
  EXPECT_EQ(text_of(folder / "log.csv"), expected.str());
  fit(trainer, {CSVLogger({.filename = folder / "log.csv", .append = true})}, 1);
  EXPECT_THAT(text_of(folder / "log.csv"), ::testing::StartsWith(expected.str() + "0,"));
}

TEST(ModelCheckpoint, FormatsItsPath) {
  const training::Logs values = {{"epoch", 3}, {"val_loss", 0.12345}};
  EXPECT_EQ(format_path("m-{epoch:02d}-{val_loss:.2f}.safetensors", values),
            "m-03-0.12.safetensors");
  EXPECT_EQ(format_path("{epoch:d}/{epoch:3d}", values), "3/  3");
  EXPECT_THAT(testing::value_error([&] { format_path("{val_los}", values); }),
              HasSubstr("Did you mean 'val_loss'?"));
  EXPECT_THAT(testing::value_error([&] { format_path("{epoch:x}", values); }), HasSubstr("02d"));
  EXPECT_THAT(testing::value_error([] { ModelCheckpoint({.filepath = "model.keras"}); }),
              HasSubstr(".safetensors"));
}

TEST(ModelCheckpoint, SavesTheBest) {
  const testing::Folder folder;
  auto trainer = compiled();
  fit(trainer,
      {replaying("x", {3, 1, 2}), ModelCheckpoint({.filepath = folder / "best-{epoch}.safetensors",
                                                   .monitor = "x",
                                                   .save_best_only = true,
                                                   .save_weights_only = true,
                                                   .mode = "min"})});
  EXPECT_TRUE(std::filesystem::exists(folder / "best-1.safetensors"));
  EXPECT_TRUE(std::filesystem::exists(folder / "best-2.safetensors"));
  EXPECT_FALSE(std::filesystem::exists(folder / "best-3.safetensors"));
}

TEST(ModelCheckpoint, SavesWhatTrainingGoesOnFrom) {
  const testing::Folder folder;
  auto trainer = compiled();
  fit(trainer, {ModelCheckpoint({.filepath = folder / "at-{batch:d}.safetensors", .save_freq = 2})},
      1);
  auto other = compiled();
  other.load_checkpoint(folder / "at-2.safetensors");
  EXPECT_EQ(other.position().batch, 2);
}

std::vector<std::string> names_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

TEST(ModelCheckpoint, KeepsTheLastFilesAndClearsWhatAKilledWriterLeft) {
  for (const bool weights_only : {true, false}) {
    const testing::Folder folder;
    std::ofstream(folder / ".a.assay-tmp-4000000-0") << "half";
    auto trainer = compiled();
    fit(trainer,
        {replaying("x", {5, 4, 4.5, 3, 2}),
         ModelCheckpoint({.filepath = folder / "at-{epoch}.safetensors",
                          .monitor = "x",
                          .save_best_only = true,
                          .save_weights_only = weights_only,
                          .mode = "min",
                          .max_to_keep = 2})},
        5);
    EXPECT_THAT(names_in(folder.path()), ElementsAre("at-4.safetensors", "at-5.safetensors"));
  }
}

TEST(ModelCheckpoint, GoesOnKeepingTheLastFilesAfterAResume) {
  const testing::Folder folder;
  const auto keeping = [&] {
    return ModelCheckpoint({.filepath = folder / "at-{epoch}.safetensors", .max_to_keep = 2});
  };
  auto trainer = compiled();
  fit(trainer, {keeping()}, 3);
  auto other = compiled();
  other.load_checkpoint(folder / "at-3.safetensors");
  fit(other, {keeping()}, 4);
  EXPECT_THAT(names_in(folder.path()), ElementsAre("at-3.safetensors", "at-4.safetensors"));
}

TEST(TensorBoard, ReadsWhatKerasReads) {
  const auto config = [](const char* text) {
    return get(Json{{"class_name", "TensorBoard"}, {"config", Json::parse(text)}})->get_config();
  };
  EXPECT_EQ(config(R"({"update_freq": "batch"})")["update_freq"], 1);
  EXPECT_EQ(config(R"({"update_freq": "epoch"})")["update_freq"], "epoch");
  EXPECT_EQ(config(R"({"profile_batch": "2,10"})")["profile_batch"], Json::parse("[2, 10]"));
  EXPECT_EQ(config(R"({"profile_batch": [3, 3]})")["profile_batch"], 3);
  EXPECT_EQ(config(R"({"embeddings_metadata": "a.tsv"})")["embeddings_metadata"], "a.tsv");
  EXPECT_EQ(config(R"({"embeddings_metadata": null})")["embeddings_metadata"], nullptr);
  EXPECT_THAT(testing::value_error([] {
                TensorBoard({.profile_batch = {5, 2}});
              }),
              HasSubstr("TensorBoard.profile_batch"));
}

std::vector<std::string> profiles_in(const std::filesystem::path& folder) {
  auto names = names_in(folder);
  std::erase_if(names, [](const std::string& name) { return !name.ends_with(".pt.trace.json"); });
  return names;
}

TEST(TensorBoard, LeavesNoProfilerRunning) {
  const testing::Folder folder;
  const auto profiling = [&] {
    return TensorBoard({.log_dir = folder.path(), .profile_batch = {2, 5}});
  };
  const auto at_batch = [](std::int64_t at, std::function<void()> act) {
    return LambdaCallback(
        {.on_train_batch_end = [=](std::int64_t batch, const training::BatchLogs&) {
          if (batch == at) act();
        }});
  };
  auto trainer = compiled();
  bool profiled = false;
  EXPECT_THROW(fit(trainer, {profiling(), at_batch(1,
                                                   [&] {
                                                     profiled =
                                                         torch::profiler::impl::profilerEnabled();
                                                     throw std::runtime_error("enough");
                                                   })}),
               std::runtime_error);
  EXPECT_TRUE(profiled);
  EXPECT_FALSE(torch::profiler::impl::profilerEnabled());
  fit(trainer, {profiling(), at_batch(2, [&] { trainer.interrupt(); })});
  EXPECT_FALSE(torch::profiler::impl::profilerEnabled());
  EXPECT_THAT(profiles_in(folder / "train"), ::testing::IsEmpty());
  EXPECT_THAT(testing::value_error([&] {
                fit(trainer, {profiling(), profiling()});
              }),
              HasSubstr("TensorBoard.profile_batch"));
  EXPECT_FALSE(torch::profiler::impl::profilerEnabled());
  // Each fit counts its batches from 1.
  fit(trainer, {profiling()});
  EXPECT_THAT(profiles_in(folder / "train"), ::testing::SizeIs(1));
}

TEST(Callbacks, AreToldOnceHowFitEnded) {
  class Noting final : public Callback {
   public:
    void on_train_end(const training::Logs&) override { calls.emplace_back("end"); }
    void abandon() noexcept override { calls.emplace_back("abandon"); }
    void on_train_batch_end(std::int64_t, const training::BatchLogs&) override {
      if (act) act();
    }
    Json get_config() const override { return Json::object(); }
    std::string class_name() const override { return "Noting"; }
    std::vector<std::string> calls;
    std::function<void()> act;
  };
  auto trainer = compiled();
  const auto calls = [&](std::function<void()> act) {
    const auto noting = std::make_shared<Noting>();
    noting->act = std::move(act);
    try {
      fit(trainer, {noting});
    } catch (const std::runtime_error&) {
      noting->calls.emplace_back("thrown");
    }
    return noting->calls;
  };
  EXPECT_THAT(calls(nullptr), ElementsAre("end"));
  EXPECT_THAT(calls([&] { trainer.interrupt(); }), ElementsAre("abandon"));
  EXPECT_THAT(calls([] { throw std::runtime_error("x"); }), ElementsAre("abandon", "thrown"));
}

TEST(History, Records) {
  auto trainer = compiled();
  auto recorder = std::make_shared<History>();
  const auto history = fit(trainer, {recorder});
  EXPECT_EQ(recorder->record()["loss"], history["loss"]);
}

}  // namespace
}  // namespace assay::training::callbacks
