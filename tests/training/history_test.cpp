// SPDX-License-Identifier: Apache-2.0
#include <assay/tests/testing/check.h>
#include <assay/training/history.h>

#include <limits>

namespace assay::training {
namespace {

History sample() {
  History history;
  history.add({.epoch = 0,
               .logs = {{"loss", 0.1}, {"accuracy", 1.0 / 3}},
               .seconds = 0.5,
               .learning_rate = 0.1});
  history.add({.epoch = 1,
               .logs = {{"loss", std::numeric_limits<double>::quiet_NaN()},
                        {"accuracy", 1},
                        {"val_loss", -std::numeric_limits<double>::infinity()}},
               .seconds = 0.25});
  return history;
}

TEST(History, GivesValuesByName) {
  const auto history = sample();
  EXPECT_EQ(history["accuracy"], (std::vector<double>{1.0 / 3, 1}));
  EXPECT_EQ(history["val_loss"].size(), 1u);
  EXPECT_EQ(history.names(), (std::vector<std::string>{"loss", "accuracy", "val_loss"}));
  EXPECT_THAT(testing::value_error([&] { (void)history["acuracy"]; }),
              ::testing::HasSubstr("Did you mean 'accuracy'?"));
}

TEST(History, JsonKeepsEveryBit) {
  const auto json = sample().to_json();
  const auto text = json.dump();
  const auto back = History::from_json(Json::parse(text));
  EXPECT_EQ(back.to_json().dump(), text);
  EXPECT_EQ(back["accuracy"], sample()["accuracy"]);
  EXPECT_TRUE(std::isnan(back["loss"][1]));
  EXPECT_EQ(back["val_loss"][0], -std::numeric_limits<double>::infinity());
  EXPECT_EQ(back.epochs()[0].logs.find("val_loss"), std::nullopt);
  EXPECT_EQ(back.epochs()[0].learning_rate, 0.1);
  EXPECT_EQ(back.epochs()[1].learning_rate, std::nullopt);
}

TEST(History, ReadsFilesWithoutLearningRates) {
  auto json = sample().to_json();
  json.erase("learning_rate");
  EXPECT_EQ(History::from_json(json).epochs()[0].learning_rate, std::nullopt);
}

TEST(History, RefusesWrongJson) {
  for (const char* text : {"[]", "{}", R"({"epoch": [0], "history": {"loss": []}, "seconds": [1]})",
                           R"({"epoch": [0], "history": {"loss": ["x"]}, "seconds": [1]})",
                           R"({"epoch": [0], "history": {}, "seconds": [1],
                               "learning_rate": []})",
                           R"({"epoch": ["a"], "history": {}, "seconds": [1]})"}) {
    EXPECT_NE(testing::value_error([&] { History::from_json(Json::parse(text)); }), "") << text;
  }
}

TEST(Logs, KeepOrderAndPlace) {
  Logs logs = {{"loss", 1}, {"accuracy", 2}};
  logs.set("val_loss", 3);
  logs.set("loss", 4);
  EXPECT_EQ(logs.names(), (std::vector<std::string>{"loss", "accuracy", "val_loss"}));
  EXPECT_EQ(logs.at("loss"), 4);
  EXPECT_THAT(testing::value_error([&] { logs.at("los"); }), ::testing::HasSubstr("loss"));
}

TEST(BatchLogs, ReadsOnceAndOnlyWhenAsked) {
  int all = 0;
  int loss = 0;
  const BatchLogs logs(
      [&] {
        ++all;
        return Logs{{"loss", 2}};
      },
      [&] {
        ++loss;
        return 2.0;
      });
  EXPECT_EQ(all + loss, 0);
  EXPECT_EQ(logs.loss(), 2);
  EXPECT_EQ(logs.loss(), 2);
  EXPECT_EQ(loss, 1);
  EXPECT_EQ(all, 0);
  EXPECT_EQ(logs.all().at("loss"), 2);
  EXPECT_EQ(logs.all().at("loss"), 2);
  EXPECT_EQ(all, 1);
}

}  // namespace
}  // namespace assay::training
