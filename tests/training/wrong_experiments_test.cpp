// SPDX-License-Identifier: Apache-2.0
// Experiment files that must be refused, and what each message must name: wrong_experiments.json.
// An entry changes the good experiment by "set", or is a whole file, "text".
#include <assay/tests/testing/check.h>
#include <assay/training/experiment/run.h>
#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "testing/blobs.h"

namespace assay::training {
namespace {

using ::testing::HasSubstr;

constexpr auto kGood = R"({
  "threads": 1,
  "data": {"dataset": {"class_name": "CSV", "config": {"path": "data.csv", "label": "y"}},
           "split": {"validation": 0.25}, "standardize": true},
  "model": [{"class_name": "Linear", "config": {"out_features": 4}}, "ReLU",
            {"class_name": "Linear", "config": {"out_features": 2}}],
  "optimizer": {"class_name": "Adam", "config": {"learning_rate": 0.01}},
  "loss": {"class_name": "SparseCategoricalCrossentropy", "config": {"from_logits": true}},
  "metrics": ["accuracy"],
  "fit": {"epochs": 1, "batch_size": 2},
  "callbacks": [{"class_name": "EarlyStopping", "config": {"patience": 2}}],
  "checkpoint": {"every_steps": 2, "max_to_keep": 2, "monitor": "val_loss"}
})";

class WrongExperiments : public ::testing::Test {
 protected:
  WrongExperiments() {
    std::ofstream(folder_ / "data.csv") << "a,b,y\n1,2,0\n2,1,1\n3,5,0\n4,4,1\n";
    write(kGood);
  }

  void write(const std::string& text) { std::ofstream(file_, std::ios::binary) << text; }

  const testing::Folder folder_;
  const std::filesystem::path file_ = folder_ / "experiment.json";
};

TEST_F(WrongExperiments, TheGoodOneIsFine) { ExperimentRun run(load_experiment(file_)); }

TEST_F(WrongExperiments, AreErrorsThatNameWhatIsWrong) {
  std::ifstream table(ASSAY_SOURCE_DIR "/tests/training/wrong_experiments.json");
  std::set<std::string> seen;
  for (const auto& wrong : Json::parse(table)) {
    const auto changes = wrong.value("set", std::vector<std::string>());
    const auto text = wrong.value("text", std::string(kGood));
    ASSAY_TRACE(wrong.dump().substr(0, 200));
    EXPECT_TRUE(seen.insert(wrong.dump()).second) << "stands twice";
    write(text);
    const auto message =
        testing::value_error([&] { ExperimentRun run(load_experiment(file_, changes)); });
    EXPECT_FALSE(wrong.at("named").empty());
    for (const auto& named : wrong.at("named")) {
      EXPECT_THAT(message, HasSubstr(named.get<std::string>()));
    }
    EXPECT_LT(message.size(), 2000U);
  }
  EXPECT_GE(seen.size(), 60U);
}

TEST_F(WrongExperiments, InAnotherEncodingAreRefused) {
  const std::string utf16("\xff\xfe{\0\"\0s\0\"\0", 10);
  for (const std::string& text :
       {std::string("{\"name\": \"caf\xe9\"}"), utf16, std::string("{\"name\": \"\xc0\xaf\"}"),
        std::string("{\"name\": \"\xed\xa0\x80\"}")}) {
    write(text);
    const auto message = testing::value_error([&] { load_experiment(file_); });
    EXPECT_THAT(message, HasSubstr("experiment.json"));
    EXPECT_THAT(message, HasSubstr("not valid JSON"));
  }
}

TEST_F(WrongExperiments, NestedTenThousandDeepAreRefused) {
  const std::string deep(10000, '[');
  for (const auto& text : {deep, R"({"model": )" + deep + std::string(10000, ']') + "}", [] {
                             std::string objects;
                             for (int i = 0; i < 10000; ++i) objects += R"({"fit":)";
                             return objects;
                           }()}) {
    write(text);
    EXPECT_THAT(testing::value_error([&] { load_experiment(file_); }),
                HasSubstr("nested deeper than 100 levels"));
  }
}

TEST_F(WrongExperiments, OfGigabytesAreRefusedUnread) {
  for (const char* name : {"experiment.json", "data.csv"}) {
    std::filesystem::resize_file(folder_ / name, std::uintmax_t{4} << 30);
    const auto message = testing::value_error([&] { ExperimentRun run(load_experiment(file_)); });
    EXPECT_THAT(message, HasSubstr(name));
    EXPECT_THAT(message, HasSubstr(" than "));  // longer, or more, than what is allowed
    write(kGood);
  }
}

TEST_F(WrongExperiments, WithCheckpointsOfGigabytesAreRefused) {
  ExperimentRun run(load_experiment(file_, {"output=run"}));
  std::filesystem::create_directory(folder_ / "run");
  std::ofstream(run.files().checkpoint()) << "";
  std::filesystem::resize_file(run.files().checkpoint(), std::uintmax_t{8} << 30);
  const auto message = testing::value_error([&] { run.fit(Resume::kAuto, Verbosity::kSilent); });
  EXPECT_THAT(message, HasSubstr(run.files().checkpoint().string()));
}

}  // namespace
}  // namespace assay::training
