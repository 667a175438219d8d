// SPDX-License-Identifier: Apache-2.0
// Plugins: good ones, each kind of wrong one, and many at once.
#include <assay/losses/registry.h>
#include <assay/metrics/registry.h>
#include <assay/registry/plugins/build_stamp.h>
#include <assay/registry/plugins/load_plugin.h>
#include <assay/tests/testing/check.h>
#include <assay/tests/testing/temporary_folder.h>
#include <assay/training/layers/registry.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <link.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <thread>

namespace assay {
namespace {

using assay::testing::read_whole;
using assay::testing::TemporaryFolder;
using assay::testing::write_whole;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::value_error;

constexpr auto kMine = ASSAY_PLUGIN_MINE;
constexpr auto kMany = ASSAY_PLUGIN_MANY;
constexpr auto kWrong = ASSAY_PLUGIN_WRONG;

std::string refused(const std::filesystem::path& file) {
  const auto message = value_error([&] { load_plugin(file); });
  EXPECT_THAT(message, AllOf(HasSubstr("cannot load the plugin"), HasSubstr(file.string())));
  return message;
}

// The file of a plugin, with the stamp that is in it replaced.
std::string with_stamp(const std::filesystem::path& file, const AbiStamp& stamp) {
  auto content = read_whole(file);
  const std::string_view own(reinterpret_cast<const char*>(&kBuildStamp), sizeof(kBuildStamp));
  const auto place = content.find(own);
  EXPECT_NE(place, std::string::npos);
  content.replace(place, own.size(), reinterpret_cast<const char*>(&stamp), sizeof(stamp));
  return content;
}

// The file of a plugin, whose note has another owner.
std::string without_stamp(const std::filesystem::path& file) {
  auto content = read_whole(file);
  const AbiNote note{.stamp = kBuildStamp};
  const auto place =
      content.find(std::string_view(reinterpret_cast<const char*>(&note), sizeof(note)));
  EXPECT_NE(place, std::string::npos);
  content[place + offsetof(AbiNote, owner)] = 'x';
  return content;
}

std::optional<AbiStamp> stamp_in(std::string_view content) {
  return find_stamp(std::as_bytes(std::span(content)));
}

struct PluginsTest : ::testing::Test {
  TemporaryFolder folder;

  std::filesystem::path copy(const std::filesystem::path& file, const std::string& name) const {
    std::filesystem::copy_file(file, folder / name);
    return folder / name;
  }
};

TEST_F(PluginsTest, AGoodOneRegistersItsClasses) {
  const auto plugin = load_plugin(kMine);
  EXPECT_EQ(plugin.file, std::filesystem::canonical(kMine));
  EXPECT_EQ(plugin.stamp, kBuildStamp);
  EXPECT_THAT(plugin.class_names, ElementsAre("mine>Charbonnier", "mine>Within", "mine>Scale"));
  EXPECT_THAT(losses::registry().names(), Contains("mine>Charbonnier"));

  const auto y_true = at::tensor({0.0, 0.0}).view({2, 1});
  const auto y_pred = at::tensor({3.0, -3.0}).view({2, 1}).requires_grad_();
  const auto loss =
      losses::get(Json{{"class_name", "mine>charbonnier"}, {"config", {{"epsilon", 4.0}}}});
  const auto value = loss->forward(y_true, y_pred);
  EXPECT_TRUE(testing::near(value, at::scalar_tensor(5.0)));
  value.backward();
  EXPECT_TRUE(testing::near(y_pred.grad(), at::tensor({0.3, -0.3}).view({2, 1})));
  EXPECT_EQ(layers::get("mine>Scale")->parameters().size(), 1);
}

TEST_F(PluginsTest, ItsClassesAreWrittenAndReadLikeOthers) {
  load_plugin(kMine);
  const auto loss =
      losses::get(Json{{"class_name", "mine>Charbonnier"}, {"config", {{"epsilon", 4.0}}}});
  const auto json = losses::serialize(*loss);
  EXPECT_EQ(json["class_name"], "Charbonnier");
  EXPECT_EQ(json["registered_name"], "mine>Charbonnier");
  EXPECT_EQ(losses::get(json)->get_config(), loss->get_config());
  EXPECT_THAT(value_error([] {
                losses::get(Json{{"class_name", "mine>Charbonnier"}, {"config", {{"epsilo", 4}}}});
              }),
              AllOf(HasSubstr("mine>Charbonnier"), HasSubstr("Did you mean 'epsilon'?")));
  EXPECT_THAT(value_error([] { losses::get("mine>charbonier"); }),
              HasSubstr("Did you mean 'mine>Charbonnier'?"));
  EXPECT_THAT(value_error([] { losses::get("theirs>Loss"); }), HasSubstr("loaded first"));

  const auto wrapped = metrics::get(Json{{"class_name", "MeanMetricWrapper"},
                                         {"config", {{"fn", "mine>charbonnier"}, {"epsilon", 4}}}});
  EXPECT_EQ(metrics::get(metrics::serialize(*wrapped))->get_config(), wrapped->get_config());
  const auto metric = metrics::get("mine>within");
  metric->update_state(at::tensor({0.0, 1.0}), at::tensor({0.05, 2.0}));
  auto other = metrics::get(metrics::serialize(*metric));
  other->merge_state({metric.get()});
  EXPECT_EQ(other->result().item<float>(), 0.5F);
}

TEST_F(PluginsTest, TheSameOneTwiceIsLoadedOnce) {
  const auto names = losses::registry().names();
  const auto first = load_plugin(kMine);
  const auto count = loaded_plugins().size();
  std::filesystem::create_symlink(kMine, folder / "link.so");
  EXPECT_EQ(load_plugin(folder / "link.so").class_names, first.class_names);
  EXPECT_EQ(loaded_plugins().size(), count);
  // A copy is another plugin, with names that are taken.
  EXPECT_THAT(refused(copy(kMine, "copy.so")), HasSubstr("belongs to 'mine>Charbonnier' already"));
  EXPECT_EQ(loaded_plugins().size(), count);
}

TEST_F(PluginsTest, OneBuiltWithOtherVersionsIsRefusedBeforeItRuns) {
  unsetenv("ASSAY_TEST_PLUGIN_RAN");
  auto stamp = kBuildStamp;
  const auto refusal = [&] {
    write_whole(folder / "other.so", with_stamp(kWrong, stamp));
    const auto message = refused(folder / "other.so");
    EXPECT_THAT(message, AllOf(HasSubstr(to_string(stamp)), HasSubstr(to_string(kBuildStamp))));
    EXPECT_EQ(std::getenv("ASSAY_TEST_PLUGIN_RAN"), nullptr);
    return message;
  };
  stamp.assay = {9, 8, 7};
  EXPECT_THAT(refusal(), HasSubstr("it was built with assay 9.8.7, LibTorch"));
  stamp = kBuildStamp;
  stamp.torch = {2, 6, 1};
  EXPECT_THAT(refusal(), HasSubstr("LibTorch 2.6.1"));
  stamp = kBuildStamp;
  stamp.json[1] += 1;
  refusal();
  stamp = kBuildStamp;
  stamp.strings = 0;
  EXPECT_THAT(refusal(), HasSubstr("strings before C++11"));
  stamp.strings = 77;
  EXPECT_THAT(refusal(), HasSubstr("unknown C++ library"));
}

TEST_F(PluginsTest, APatchReleaseOfAssayFits) {
  auto stamp = kBuildStamp;
  stamp.assay[2] += 5;
  EXPECT_TRUE(compatible(stamp, kBuildStamp));
  stamp.assay[1] += 1;
  EXPECT_FALSE(compatible(stamp, kBuildStamp));
}

TEST_F(PluginsTest, WhatIsNoPluginIsRefused) {
  EXPECT_THAT(refused(folder / "nowhere.so"), HasSubstr("No such file"));
  EXPECT_THAT(refused(folder.path()), HasSubstr("no file"));
  EXPECT_THAT(refused("/dev/null"), HasSubstr("no file"));
  write_whole(folder / "text.so", "int main() { return 0; }\n");
  EXPECT_THAT(refused(folder / "text.so"), HasSubstr("no shared library"));
  write_whole(folder / "empty.so", "");
  EXPECT_THAT(refused(folder / "empty.so"), HasSubstr("no shared library"));
  write_whole(folder / "library.so", without_stamp(kMine));
  EXPECT_THAT(refused(folder / "library.so"), HasSubstr("no plugin of assay"));
  auto other_machine = read_whole(kMine);
  other_machine[EI_CLASS] = ELFCLASS32;
  write_whole(folder / "other.so", other_machine);
  EXPECT_THAT(refused(folder / "other.so"), HasSubstr("another kind of machine"));
}

TEST_F(PluginsTest, ADamagedFileIsAnErrorOrNoneWhereverItIsCut) {
  const auto content = read_whole(kMany);
  for (std::size_t size = 0; size < 4096; size += size < 1200 ? 1 : 37) {
    try {
      const auto stamp = stamp_in(std::string_view(content).substr(0, size));
      EXPECT_TRUE(!stamp || *stamp == kBuildStamp);
    } catch (const c10::ValueError&) {
      continue;
    }
  }
  EXPECT_EQ(stamp_in(content), kBuildStamp);
}

// A library whose segments are all the same notes, empty ones.
std::string library_of_notes(std::uint16_t segments, std::size_t notes_size) {
  auto header = read_whole(kMany).substr(0, sizeof(ElfW(Ehdr)));
  auto& fields = *reinterpret_cast<ElfW(Ehdr)*>(header.data());
  fields.e_phoff = header.size();
  fields.e_phnum = segments;
  ElfW(Phdr) segment{};
  segment.p_type = PT_NOTE;
  segment.p_align = 4;
  segment.p_offset = header.size() + segments * sizeof(segment);
  segment.p_filesz = notes_size;
  auto content = header;
  for (int i = 0; i < segments; ++i) {
    content.append(reinterpret_cast<const char*>(&segment), sizeof(segment));
  }
  return content + std::string(notes_size, '\0');
}

TEST_F(PluginsTest, NotesThatOverlapAreNotReadAgainAndAgain) {
  EXPECT_EQ(stamp_in(library_of_notes(1, 1200)), std::nullopt);
  EXPECT_THAT(value_error([] { stamp_in(library_of_notes(3, 1200)); }),
              HasSubstr("its notes overlap"));
}

TEST_F(PluginsTest, TheStampMayBeAlignedFurther) {
  const AbiNote note{.stamp = kBuildStamp};
  const std::string_view bytes(reinterpret_cast<const char*>(&note), sizeof(note));
  auto content = library_of_notes(1, sizeof(note) + 32);
  content.replace(content.size() - sizeof(note) - 32, sizeof(note), bytes);
  const auto aligned_to = [&](std::uint64_t alignment) {
    std::memcpy(&content[sizeof(ElfW(Ehdr)) + offsetof(ElfW(Phdr), p_align)], &alignment,
                sizeof(alignment));
    return stamp_in(content);
  };
  EXPECT_EQ(aligned_to(4), kBuildStamp);
  EXPECT_EQ(aligned_to(32), kBuildStamp);
  EXPECT_EQ(aligned_to(8), std::nullopt);
}

TEST_F(PluginsTest, AFileLargerThanMemoryIsNoReasonToAskForIt) {
  constexpr std::uintmax_t kTebibyte = 1ULL << 40;
  write_whole(folder / "text.so", "no library");
  std::filesystem::resize_file(folder / "text.so", kTebibyte);
  EXPECT_THAT(refused(folder / "text.so"), HasSubstr("no shared library"));
}

TEST_F(PluginsTest, ARegistrationThatFailsLeavesNothing) {
  const auto losses_before = losses::registry().names();
  const auto metrics_before = metrics::registry().names();
  const std::vector<std::pair<std::string, std::string>> table = {
      {"throws.so", "no luck today"},
      {"throws_int.so", "no std::exception"},
      {"takes_a_name.so", "the name 'wrong>first' belongs to 'wrong>First' already"},
      {"takes_a_builtin_name.so", "'huber'; expected a name like 'package>Name'"},
      {"has_no_package.so", "'Second'; expected a name like 'package>Name'"},
      {"removes.so", "cannot remove the loss 'Huber'"},
  };
  for (const auto& [name, reason] : table) {
    const auto file = copy(kWrong, name);
    for (int attempt = 0; attempt < 2; ++attempt) {
      EXPECT_THAT(refused(file), AllOf(HasSubstr("registration failed"), HasSubstr(reason)));
      EXPECT_EQ(losses::registry().names(), losses_before);
      EXPECT_EQ(metrics::registry().names(), metrics_before);
      EXPECT_FALSE(losses::registry().contains("wrong>first"));
      EXPECT_FALSE(metrics::registry().contains("wrong>metric"));
    }
  }
  for (const auto& plugin : loaded_plugins()) EXPECT_NE(plugin.file.parent_path(), folder.path());
  EXPECT_TRUE(losses::registry().contains("huber"));
}

TEST_F(PluginsTest, ManyLoadFromManyThreadsWhileOthersLookNamesUp) {
  constexpr int kFiles = 24;
  const auto file = [&](int i) { return folder / ("P" + std::to_string(i) + ".so"); };
  for (int i = 0; i < kFiles; ++i) std::filesystem::copy_file(kMany, file(i));
  std::atomic<bool> done = false;
  std::atomic<int> failures = 0;
  std::atomic<int> next = 0;
  std::vector<std::thread> readers;
  std::vector<std::thread> loaders;
  for (int r = 0; r < 3; ++r) {
    readers.emplace_back([&] {
      while (!done) {
        // A name that is there has its alias, and can be made.
        for (const auto& name : losses::registry().names()) {
          if (!name.starts_with("many>")) continue;
          if (!losses::registry().contains(name + "_alias") || !losses::get(name)) ++failures;
        }
      }
    });
  }
  for (int l = 0; l < 4; ++l) {
    loaders.emplace_back([&] {
      // Every file is loaded by two threads.
      for (int turn = next++; turn < 2 * kFiles; turn = next++) {
        const auto plugin = load_plugin(file(turn / 2));
        if (plugin.class_names.size() != 1) ++failures;
      }
    });
  }
  for (auto& thread : loaders) thread.join();
  done = true;
  for (auto& thread : readers) thread.join();
  EXPECT_EQ(failures, 0);
  for (int i = 0; i < kFiles; ++i) {
    EXPECT_TRUE(losses::registry().contains("many>P" + std::to_string(i)));
  }
}

TEST_F(PluginsTest, TheVariableListsFilesAndFolders) {
  copy(kMany, "FromFolder.so");
  write_whole(folder / "library.so", without_stamp(kMine));
  write_whole(folder / "read.me", "no library");
  const auto path = folder.path().string() + "::" + kMine;
  setenv("ASSAY_PLUGIN_PATH", path.c_str(), 1);
  const auto plugins = load_plugins_from_environment();
  ASSERT_EQ(plugins.size(), 2);
  EXPECT_THAT(plugins[0].class_names, ElementsAre("many>FromFolder"));
  setenv("ASSAY_PLUGIN_PATH", (folder / "nowhere.so").c_str(), 1);
  EXPECT_THAT(value_error([] { load_plugins_from_environment(); }),
              AllOf(HasSubstr("ASSAY_PLUGIN_PATH"), HasSubstr("nowhere.so")));
  unsetenv("ASSAY_PLUGIN_PATH");
  EXPECT_TRUE(load_plugins_from_environment().empty());
}

}  // namespace
}  // namespace assay
