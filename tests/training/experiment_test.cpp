// SPDX-License-Identifier: Apache-2.0
#include <assay/tests/testing/check.h>
#include <assay/training/experiment/experiment.h>

#include <fstream>

#include "testing/blobs.h"

namespace assay::training {
namespace {

using ::testing::HasSubstr;

Json set(Json json, const std::string& change) {
  set_in(json, change);
  return json;
}

TEST(SetIn, ReachesMembersElementsAndOptionsOfBareNames) {
  const auto json =
      Json::parse(R"({"loss": "huber", "fit": {"epochs": 1}, "model": ["ReLU", {}]})");
  EXPECT_EQ(set(json, "fit.epochs=3")["fit"]["epochs"], 3);
  EXPECT_EQ(set(json, "loss.config.delta=2.5")["loss"],
            Json::parse(R"({"class_name": "huber", "config": {"delta": 2.5}})"));
  EXPECT_EQ(set(json, "model.0=Tanh")["model"][0], "Tanh");
  EXPECT_EQ(set(json, "data.split.test=0.5")["data"]["split"]["test"], 0.5);
  EXPECT_EQ(set(json, "name=a=b")["name"], "a=b");
  EXPECT_EQ(set(json, "metrics=[\"mae\"]")["metrics"][0], "mae");
  for (const char* wrong : {"fit", "=3", "model.7=1", "model.x=1", "fit.epochs.more=1"}) {
    EXPECT_THAT(testing::value_error([&] { set(json, wrong); }), HasSubstr("--set")) << wrong;
  }
}

TEST(ResumeConflict, NamesWhatDiffers) {
  const auto before = Json::parse(R"({"seed": 1, "optimizer": {"config": {"learning_rate": 0.1}},
                                      "fit": {"epochs": 2, "batch_size": 4}})");
  EXPECT_EQ(resume_conflict(before, before), "");
  EXPECT_EQ(resume_conflict(before, set(before, "fit.epochs=9")), "");
  EXPECT_EQ(resume_conflict(before, set(before, "output=x")), "");
  const auto csv =
      Json::parse(R"({"data": {"dataset": {"config": {"path": "a", "header": true}}}})");
  EXPECT_EQ(resume_conflict(csv, set(csv, "data.dataset.config.in_memory=false")), "");
  EXPECT_EQ(resume_conflict(csv, set(csv, "data.dataset.config.header=false")),
            "data.dataset.config.header was true and is false");
  EXPECT_EQ(resume_conflict(before, set(before, "optimizer.config.learning_rate=0.2")),
            "optimizer.config.learning_rate was 0.1 and is 0.2");
  EXPECT_EQ(resume_conflict(before, set(before, "fit.shuffle=false")),
            "fit.shuffle was not given and is false");
  EXPECT_EQ(resume_conflict(set(before, "metrics=[\"mae\"]"), before),
            "metrics.0 was \"mae\" and is not given");
}

TEST(Experiment, ReadsItsFileAndResolvesItsOutput) {
  const testing::Folder folder;
  const auto file = folder / "mine.json";
  std::ofstream(file) << R"({"$schema": "x", "data": {"dataset": {"class_name": "CSV"}},
      "model": ["ReLU"], "loss": "mse", "fit": {"epochs": 3}})";
  const auto experiment = load_experiment(file, {"seed=5"});
  EXPECT_EQ(experiment.options.fit.epochs, 3);
  EXPECT_EQ(experiment.options.fit.batch_size, 32);
  EXPECT_EQ(experiment.options.seed, 5);
  EXPECT_EQ(experiment.options.optimizer, "rmsprop");
  EXPECT_EQ(experiment.name(), "mine");
  EXPECT_EQ(experiment.output(), "runs/mine");
  EXPECT_EQ(load_experiment(file, {"output=out"}).output(), folder / "out");
  EXPECT_EQ(load_experiment(file, {"output=/out"}).output(), "/out");
}

TEST(ExperimentSchema, DescribesEveryOptionAndRegisteredName) {
  const auto schema = experiment_schema();
  const auto text = schema.dump();
  for (const char* name : {"\"Adam\"", "\"mse\"", "\"Dropout\"", "\"EarlyStopping\"", "\"CSV\"",
                           "\"ExponentialDecay\"", "\"learning_rate\"", "\"batch_size\""}) {
    EXPECT_THAT(text, HasSubstr(name));
  }
  for (const auto& [key, property] : schema["properties"].items()) {
    EXPECT_TRUE(key == "$schema" || property.contains("description")) << key;
  }
}

}  // namespace
}  // namespace assay::training
