// SPDX-License-Identifier: Apache-2.0
// Names to factories: aliases, duplicates, every form of an identifier, and many threads at once.
#include <assay/core/options/config.h>
#include <assay/losses/registry.h>
#include <assay/metrics/registry.h>
#include <assay/registry/registry-inl.h>
#include <assay/tests/testing/check.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace assay {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::value_error;

struct Instrument {
  virtual ~Instrument() = default;
  virtual double tuning() const = 0;
};

struct GrandPianoOptions {
  static constexpr auto class_name = "GrandPiano";
  double tuning = 440;
  static constexpr auto fields() {
    return assay::fields(field("tuning", &GrandPianoOptions::tuning, "Hertz.", positive));
  }
};
struct GrandPiano final : Instrument {
  using Options = GrandPianoOptions;
  explicit GrandPiano(Options options) : options(options) {}
  double tuning() const override { return options.tuning; }
  Options options;
};

struct MuseumPianoOptions {
  static constexpr auto class_name = "museum>GrandPiano";
  double tuning = 440;
  static constexpr auto fields() {
    return assay::fields(field("tuning", &MuseumPianoOptions::tuning, "Hertz.", positive));
  }
};
struct MuseumPiano final : Instrument {
  using Options = MuseumPianoOptions;
  explicit MuseumPiano(Options options) : options(options) {}
  double tuning() const override { return options.tuning; }
  Options options;
};

struct LuteOptions {
  static constexpr auto class_name = "Lute";
  static constexpr auto fields() { return assay::fields(); }
};
struct Lute final : Instrument {
  using Options = LuteOptions;
  explicit Lute(Options) {}
  double tuning() const override { return 415; }
};

using Instruments = Registry<Instrument>;

struct RegistryTest : ::testing::Test {
  Instruments instruments{"instrument", "keras.instruments"};
  RegistryTest() { instruments.add<GrandPiano>({"piano", "keyboard"}); }

  double tuning(const Json& identifier) const { return instruments.get(identifier)->tuning(); }
  double tuning(const char* text) const {
    return instruments.get(std::string_view(text))->tuning();
  }
  std::string refused(const char* text) const {
    return value_error([&] { instruments.get(std::string_view(text)); });
  }
  std::string refused(const Json& json) const {
    return value_error([&] { instruments.get(json); });
  }
};

TEST_F(RegistryTest, AClassIsFoundByItsNameItsSnakeCaseAndItsAliases) {
  for (const auto* name : {"GrandPiano", "grand_piano", "piano", "keyboard"}) {
    EXPECT_TRUE(instruments.contains(name));
    EXPECT_EQ(tuning(name), 440) << name;
    EXPECT_EQ(tuning(Json(name)), 440) << name;
    EXPECT_EQ(instruments.entry(name).class_name, "GrandPiano");
  }
  for (const auto* name : {"", "Piano", "grandpiano", "GrandPiano ", "piano\n"}) {
    EXPECT_FALSE(instruments.contains(name)) << name;
  }
  EXPECT_THAT(instruments.names(), ElementsAre("GrandPiano"));
  EXPECT_EQ(instruments.kind(), "instrument");
  EXPECT_EQ(instruments.module(), "keras.instruments");
}

TEST_F(RegistryTest, NamesAreInAlphabeticalOrder) {
  for (const auto* name : {"Zither", "Alto", "Mandola"}) {
    instruments.add_entry({.class_name = name, .make = [](const Json&) { return nullptr; }});
  }
  EXPECT_THAT(instruments.names(), ElementsAre("Alto", "GrandPiano", "Mandola", "Zither"));
}

TEST_F(RegistryTest, ANameThatIsTakenIsAnErrorAndRegistersNothing) {
  const auto add = [&](const char* name, std::vector<std::string> aliases) {
    return value_error([&] {
      instruments.add_entry({.class_name = name,
                             .aliases = std::move(aliases),
                             .make = [](const Json&) { return nullptr; }});
    });
  };
  EXPECT_THAT(add("GrandPiano", {}), AllOf(HasSubstr("instrument"), HasSubstr("'GrandPiano'")));
  EXPECT_THAT(add("piano", {}), AllOf(HasSubstr("'piano'"), HasSubstr("'GrandPiano'")));
  EXPECT_THAT(add("Upright", {"upright", "piano"}),
              AllOf(HasSubstr("'Upright'"), HasSubstr("'piano'"), HasSubstr("'GrandPiano'")));
  EXPECT_FALSE(instruments.contains("Upright"));
  EXPECT_FALSE(instruments.contains("upright"));
  EXPECT_THAT(value_error([&] { instruments.add<GrandPiano>(); }), HasSubstr("'GrandPiano'"));
  EXPECT_THAT(instruments.names(), ElementsAre("GrandPiano"));
}

TEST_F(RegistryTest, AnAliasThatRepeatsTheNameIsNoDuplicate) {
  instruments.add<Lute>({"Lute", "lute", "lute"});
  EXPECT_EQ(tuning("lute"), 415);
}

TEST_F(RegistryTest, WhatIsRemovedLeavesNoAliasBehind) {
  instruments.add<Lute>({"laute"});
  instruments.remove("laute");  // an alias is no class name
  EXPECT_TRUE(instruments.contains("laute"));
  instruments.remove("Lute");
  for (const auto* name : {"Lute", "lute", "laute"}) EXPECT_FALSE(instruments.contains(name));
  instruments.remove("Lute");
  instruments.add<Lute>({"laute"});
  EXPECT_TRUE(instruments.contains("laute"));
  EXPECT_TRUE(instruments.contains("GrandPiano"));
}

TEST_F(RegistryTest, APluginsClassHasItsPackageBeforeItsName) {
  instruments.add<MuseumPiano>({"fortepiano"});
  EXPECT_TRUE(instruments.contains("museum>GrandPiano"));
  EXPECT_TRUE(instruments.contains("museum>grand_piano"));
  EXPECT_TRUE(instruments.contains("museum>fortepiano"));
  EXPECT_FALSE(instruments.contains("fortepiano"));
  EXPECT_EQ(instruments.entry("grand_piano").class_name, "GrandPiano");
  const Json config = {{"tuning", 430.0}};
  const auto json = instruments.serialize("museum>GrandPiano", config);
  EXPECT_EQ(json.dump(), R"({"module":null,"class_name":"GrandPiano","config":{"tuning":430.0},)"
                         R"("registered_name":"museum>GrandPiano"})");
  EXPECT_EQ(tuning(json), 430);
  EXPECT_EQ(instruments.serialize("GrandPiano", config).dump(),
            R"({"module":"keras.instruments","class_name":"GrandPiano","config":{"tuning":430.0},)"
            R"("registered_name":null})");
}

TEST_F(RegistryTest, EveryFormOfAnIdentifierIsRead) {
  const std::vector<std::pair<const char*, double>> table = {
      {"piano", 440},
      {R"("piano")", 440},
      {"  \"piano\"\n", 440},
      {R"({"class_name": "GrandPiano"})", 440},
      {R"({"class_name": "piano", "config": {}})", 440},
      {R"({"class_name": "piano", "config": null})", 440},
      {R"(  {"class_name": "GrandPiano", "config": {"tuning": 442}})", 442},
      {"\t\n{\"config\": {\"tuning\": 4.42e2}, \"class_name\": \"GrandPiano\"}", 442},
      // Keras's own shape.
      {R"({"module": "keras.instruments", "class_name": "GrandPiano",
           "config": {"tuning": 442.0}, "registered_name": null})",
       442},
      {R"({"module": "keras.instruments", "class_name": "GrandPiano", "config": {"tuning": 442.0},
           "registered_name": "GrandPiano", "build_config": {"input_shape": null}})",
       442},
      {R"({"module": "builtins", "class_name": "function", "config": "grand_piano",
           "registered_name": "function"})",
       440},
  };
  for (const auto& [text, expected] : table) {
    EXPECT_EQ(tuning(text), expected) << text;
  }
}

struct Wrong {
  const char* text;
  std::vector<std::string> named;
};

TEST_F(RegistryTest, WrongIdentifiersAreErrorsThatNameWhatIsWrong) {
  const std::vector<Wrong> table = {
      {"pianu", {"instrument", "pianu", "Did you mean 'piano'?"}},
      {"Grand_Piano", {"Did you mean 'grand_piano'?"}},
      {"zzzzzzzzzz", {"unknown instrument", "zzzzzzzzzz", "Known: GrandPiano"}},
      {"", {"unknown instrument", "\"\""}},
      {"   ", {"unknown instrument"}},
      {"[\"piano\"]", {"unknown instrument"}},
      {"17", {"unknown instrument", "17"}},
      {"null", {"unknown instrument", "null"}},
      {R"({"class_name": 3})", {"instrument.class_name", "a string"}},
      {R"({"class_name": null})", {"instrument.class_name", "a string"}},
      {R"({"class_name": ["piano"]})", {"instrument.class_name", "a string"}},
      {R"({})", {"instrument.class_name", "missing"}},
      {R"({"config": {"tuning": 3}})", {"instrument.class_name", "missing"}},
      {R"({"class_name": "piano", "confg": {}})",
       {"instrument", "confg", "Did you mean 'config'?", "Known keys"}},
      {R"({"class_name": "piano", "config": []})", {"instrument.config", "an object of options"}},
      {R"({"class_name": "piano", "config": "tuning"})", {"instrument.config", "an object"}},
      {R"({"class_name": "piano", "config": 3})", {"instrument.config", "an object"}},
      {R"({"class_name": "piano", "config": {"tunning": 3}})",
       {"GrandPiano", "tunning", "Did you mean 'tuning'?"}},
      {R"({"class_name": "piano", "config": {"tuning": "440"}})",
       {"GrandPiano.tuning", "a number"}},
      {R"({"class_name": "piano", "config": {"tuning": -1}})",
       {"GrandPiano.tuning", "a number greater than 0"}},
      {R"({"class_name": "function", "config": "pianu"})", {"Did you mean 'piano'?"}},
      {R"({"class_name": "GrandPiano", "registered_name": "museum>GrandPiano"})",
       {"museum>GrandPiano"}},
      // Text that is no JSON.
      {R"({"class_name": "piano")", {"instrument", "not valid JSON"}},
      {R"({"class_name": "piano"}})", {"instrument", "not valid JSON"}},
      {R"({'class_name': 'piano'})", {"instrument", "not valid JSON"}},
      {R"({"class_name": "piano",})", {"instrument", "not valid JSON"}},
      {R"("piano)", {"instrument", "not valid JSON"}},
      {R"({"class_name": "piano", "config": {"tuning": NaN}})", {"instrument", "not valid JSON"}},
      {R"({"class_name": "piano", "config": {"tuning": Infinity}})", {"instrument", "not valid"}},
      {R"({"class_name": "piano", "config": {"tuning": 1e999}})", {"instrument"}},
      {R"({"class_name": "piano", "config": {"tuning": -1e999}})", {"instrument"}},
      {R"({"class_name": "piano", "config": {"tuning": 0x10}})", {"instrument", "not valid JSON"}},
      {R"({"class_name": "piano", "config": {"tuning": 01}})", {"instrument", "not valid JSON"}},
      {R"({"class_name": "piano", /* */ "config": {}})", {"instrument", "not valid JSON"}},
      {R"({"class_name": "pi\ud800ano"})", {"instrument", "not valid JSON"}},
      {R"({"class_name": "pi\qano"})", {"instrument", "not valid JSON"}},
      // Keys that stand twice.
      {R"({"class_name": "piano", "class_name": "GrandPiano"})", {"class_name", "twice"}},
      {R"({"class_name": "piano", "config": {"tuning": 1, "tuning": 2}})", {"tuning", "twice"}},
      {R"({"class_name": "piano", "config": {"a": [{"b": 1, "b": 2}]}})", {"'b'", "twice"}},
  };
  for (const auto& wrong : table) {
    ASSAY_TRACE(wrong.text);
    const auto message = refused(wrong.text);
    for (const auto& named : wrong.named) EXPECT_THAT(message, HasSubstr(named));
  }
}

TEST_F(RegistryTest, JsonThatNamesNothingIsAnError) {
  for (const auto& json : {Json(nullptr), Json(3), Json(true), Json::array({"piano"}), Json(1.5)}) {
    EXPECT_THAT(refused(json), AllOf(HasSubstr("instrument"), HasSubstr("class_name")));
  }
}

TEST_F(RegistryTest, TheSameKeyInTwoObjectsIsNoDuplicate) {
  EXPECT_EQ(tuning(R"({"class_name": "piano", "build_config": {"a": {"x": 1}, "b": {"x": 1}}})"),
            440);
}

TEST_F(RegistryTest, TextThatIsNotUtf8IsAnErrorAndNeverACrash) {
  for (const auto* bytes : {"\xff", "\xc3\x28", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xc0\xaf"}) {
    EXPECT_THAT(refused(("{\"class_name\": \"pi" + std::string(bytes) + "\"}").c_str()),
                HasSubstr("not valid JSON"));
    const auto bare =
        value_error([&] { instruments.get(std::string_view("pian" + std::string(bytes))); });
    EXPECT_THAT(bare, HasSubstr("unknown instrument"));
    EXPECT_THAT(refused(Json("pian" + std::string(bytes))), HasSubstr("unknown instrument"));
  }
  EXPECT_THAT(value_error([&] { instruments.get(std::string_view("piano\0x", 7)); }),
              HasSubstr("unknown instrument"));
  const std::string nul("{\"class_name\": \"piano\"}\0 and more", 33);
  EXPECT_THAT(value_error([&] { instruments.get(std::string_view(nul)); }), HasSubstr("NUL"));
}

TEST_F(RegistryTest, NestingTenThousandDeepIsAnErrorAndNeverACrash) {
  for (const int depth : {101, 1'000, 10'000, 1'000'000}) {
    const auto n = static_cast<std::size_t>(depth);
    std::string arrays =
        R"({"class_name": "piano", "config": )" + std::string(n, '[') + std::string(n, ']') + "}";
    EXPECT_THAT(value_error([&] { instruments.get(std::string_view(arrays)); }),
                HasSubstr("nested deeper"));
    std::string objects;
    for (int level = 0; level < std::min(depth, 10'000); ++level) objects += R"({"config":)";
    EXPECT_FALSE(value_error([&] { instruments.get(std::string_view(objects)); }).empty());
  }
  // A hundred levels are fine for the parser; the wrong option is what is then named.
  const std::string fine = R"({"class_name": "piano", "config": {"tuning": )" +
                           std::string(90, '[') + std::string(90, ']') + "}}";
  EXPECT_THAT(value_error([&] { instruments.get(std::string_view(fine)); }),
              HasSubstr("GrandPiano.tuning"));
}

TEST_F(RegistryTest, AConfigurationOfMegabytesIsAnsweredInTime) {
  std::string keys = R"({"class_name": "piano", "config": {)";
  for (int i = 0; i < 100'000; ++i) keys += "\"k" + std::to_string(i) + "\": 1,";
  keys += R"("tuning": 3}})";
  EXPECT_THAT(value_error([&] { instruments.get(std::string_view(keys)); }), HasSubstr("k0"));
  const std::string name(5'000'000, 'p');
  EXPECT_LT(value_error([&] { instruments.get(std::string_view(name)); }).size(), 1000);
}

TEST_F(RegistryTest, AFactoryThatThrowsLeavesTheRegistryUsable) {
  instruments.add_entry({.class_name = "Broken", .make = [](const Json&) -> std::shared_ptr<void> {
                           TORCH_CHECK_VALUE(false, "a string is missing");
                         }});
  EXPECT_THAT(refused("Broken"), HasSubstr("a string is missing"));
  EXPECT_EQ(tuning("piano"), 440);
}

TEST_F(RegistryTest, AFactoryMayUseTheRegistryItself) {
  instruments.add_entry({.class_name = "Duo", .make = [&](const Json&) -> std::shared_ptr<void> {
                           return instruments.get(std::string_view("piano"));
                         }});
  EXPECT_EQ(tuning("Duo"), 440);
}

TEST_F(RegistryTest, ManyThreadsMayLookUpWhileOthersRegister) {
  constexpr int kThreads = 8;
  constexpr int kRounds = 60;
  std::atomic<int> failures = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kRounds; ++i) {
        const auto name = "Drum" + std::to_string(t) + "x" + std::to_string(i);
        if (t % 2 == 0) {
          instruments.add_entry({.class_name = name,
                                 .aliases = {name + "_alias"},
                                 .make = [](const Json&) -> std::shared_ptr<void> {
                                   std::shared_ptr<Instrument> made =
                                       std::make_shared<GrandPiano>(GrandPianoOptions{});
                                   return made;
                                 }});
          if (!instruments.contains(name + "_alias")) ++failures;
          if (i % 3 == 0) instruments.remove(name);
        } else {
          if (instruments.get(std::string_view("piano"))->tuning() != 440) ++failures;
          const auto names = instruments.names();
          if (!std::is_sorted(names.begin(), names.end())) ++failures;
          if (names.empty()) ++failures;
          try {
            instruments.entry("no such thing");
            ++failures;
          } catch (const c10::ValueError&) {
          }
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(instruments.names().size(), 1 + kThreads / 2 * (kRounds - kRounds / 3));
}

TEST(BuiltinRegistries, AreMadeOnceWhenManyThreadsAskFirst) {
  std::vector<std::thread> threads;
  std::set<const void*> seen;
  std::mutex mutex;
  std::atomic<int> failures = 0;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (const auto& name : losses::registry().names()) {
        if (!losses::registry().contains(name)) ++failures;
      }
      if (metrics::get("mean_squared_error")->class_name() != "MeanSquaredError") ++failures;
      const std::lock_guard lock(mutex);
      seen.insert(&losses::registry());
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(seen.size(), 1);
}

}  // namespace
}  // namespace assay
