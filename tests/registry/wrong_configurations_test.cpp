// SPDX-License-Identifier: Apache-2.0
// Configurations that must be refused, and what each message must name: wrong_configurations.json.
#include <assay/losses/registry.h>
#include <assay/metrics/registry.h>
#include <assay/tests/testing/check.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>

namespace assay {
namespace {

constexpr std::size_t kFewest = 150;

using Make = std::function<void(const std::string& text)>;

std::size_t refuse_all(const std::string& family, const Make& make) {
  std::ifstream file(ASSAY_SOURCE_DIR "/tests/registry/wrong_configurations.json");
  const auto tables = Json::parse(file);
  std::set<std::string> seen;
  for (const auto& wrong : tables.at(family)) {
    const auto text = wrong.at("text").get<std::string>();
    ASSAY_TRACE(text.substr(0, 200));
    EXPECT_TRUE(seen.insert(text).second) << "stands twice";
    EXPECT_FALSE(wrong.at("named").empty());
    const auto message = testing::value_error([&] { make(text); });
    for (const auto& named : wrong.at("named")) {
      EXPECT_THAT(message, ::testing::HasSubstr(named.get<std::string>()));
    }
  }
  return seen.size();
}

TEST(WrongConfigurations, AreErrorsThatNameWhatIsWrong) {
  const auto of_losses = refuse_all("losses", [](const std::string& text) { losses::get(text); });
  const auto of_metrics =
      refuse_all("metrics", [](const std::string& text) { metrics::get(text); });
  EXPECT_GE(of_losses + of_metrics, kFewest);
}

}  // namespace
}  // namespace assay
