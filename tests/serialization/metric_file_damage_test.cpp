// SPDX-License-Identifier: Apache-2.0
// Files of metrics and of collections: back as they were, and damaged in every way.
#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <assay/metrics/auc.h>
#include <assay/metrics/mean.h>
#include <assay/metrics/precision.h>
#include <assay/metrics/registry.h>
#include <assay/serialization/metric_file.h>
#include <assay/serialization/safetensors.h>
#include <assay/tests/testing/check.h>
#include <assay/tests/testing/temporary_folder.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <string>

namespace assay::serialization {
namespace {

namespace fs = std::filesystem;
using assay::testing::copies;
using assay::testing::read_whole;
using assay::testing::same_bits;
using assay::testing::TemporaryFolder;
using assay::testing::value_error;
using assay::testing::write_whole;
using ::testing::HasSubstr;

std::shared_ptr<metrics::Metric> counted_metric() {
  auto metric = metrics::get(R"({"class_name": "AUC", "config": {"num_thresholds": 11}})");
  metric->update_state(at::arange(6).remainder(2), at::arange(6) / 6.0);
  return metric;
}

metrics::MetricCollection counted_collection() {
  metrics::MetricCollection collection({metrics::get("precision"), metrics::get("recall"),
                                        metrics::get("mse"), metrics::get("binary_accuracy")},
                                       {.prefix = "val_"});
  collection.update_state(at::arange(6).remainder(2), at::arange(6) / 6.0);
  return collection;
}

TEST(MetricFiles, BringsAMetricBack) {
  const TemporaryFolder folder;
  const auto metric = counted_metric();
  save_metric(folder / "file", *metric);
  const auto restored = load_metric(folder / "file");
  EXPECT_EQ(restored->get_config(), metric->get_config());
  EXPECT_TRUE(same_bits(restored->variables(), metric->variables()));
  metrics::AUC other({.num_thresholds = 11});
  load_metric(folder / "file", other);
  EXPECT_TRUE(same_bits(other.result(), metric->result()));
}

TEST(MetricFiles, OfAnotherMetricIsRefused) {
  const TemporaryFolder folder;
  save_metric(folder / "file", *counted_metric());
  metrics::AUC other({.num_thresholds = 12});
  other.update_state(at::arange(2), at::arange(2));
  const auto before = copies(other.variables());
  const auto error = value_error([&] { load_metric(folder / "file", other); });
  EXPECT_THAT(error, HasSubstr((folder / "file").string()));
  EXPECT_THAT(error, HasSubstr("num_thresholds"));
  EXPECT_TRUE(same_bits(other.variables(), before));
}

TEST(MetricFiles, OfAnotherKindIsRefusedByName) {
  const TemporaryFolder folder;
  save_metric(folder / "metric", *counted_metric());
  save_collection(folder / "collection", counted_collection());
  EXPECT_THAT(value_error([&] { load_collection(folder / "metric"); }),
              HasSubstr("holds no collection"));
  EXPECT_THAT(value_error([&] { load_metric(folder / "collection"); }),
              HasSubstr("holds no metric"));
}

// Another program may write what assay reads: no checksum vouches for these.
TEST(MetricFiles, WithAWrongDescriptionIsRefusedByName) {
  const TemporaryFolder folder;
  const auto path = folder / "file";
  const auto error_for = [&](const char* key, const std::string& text) {
    save_safetensors(path, {{"total", at::full({}, 1.0, at::kDouble)}}, {{key, text}});
    const auto error = value_error([&] {
      std::string(key) == "metric" ? void(load_metric(path)) : void(load_collection(path));
    });
    EXPECT_THAT(error, HasSubstr(path.string()));
    return error;
  };
  EXPECT_THAT(error_for("metric", "{"), HasSubstr("not valid JSON"));
  EXPECT_THAT(error_for("metric", "[]"), HasSubstr("lists no variables"));
  EXPECT_THAT(error_for("metric", R"({"class_name": "Mean", "variables": [3]})"),
              HasSubstr("expected names"));
  EXPECT_THAT(error_for("metric", R"({"class_name": "Mean", "variables": ["count"]})"),
              HasSubstr("'count'"));
  EXPECT_THAT(error_for("metric", R"({"class_name": "Men", "variables": ["total"]})"),
              HasSubstr("Did you mean 'Mean'?"));
  error_for("metric", R"({"class_name": "Mean", "variables": ["total"]})");
  error_for("metric", R"({"class_name": "Mean", "variables": ["total", "total", "total"]})");
  error_for("collection", "3");
  error_for("collection", R"(["mean"])");
  EXPECT_THAT(error_for("collection", R"(["men"])"), HasSubstr("men"));
}

TEST(CollectionFiles, BringsACollectionBack) {
  const TemporaryFolder folder;
  auto collection = counted_collection();
  save_collection(folder / "file", collection);
  auto restored = load_collection(folder / "file");
  EXPECT_EQ(restored.get_config(), collection.get_config());
  EXPECT_EQ(restored.state_count(), collection.state_count());
  for (auto* metrics : {&collection, &restored}) {
    metrics->update_state(at::arange(4).remainder(2), at::full({4}, 0.7));
  }
  const auto actual = restored.results();
  const auto expected = collection.results();
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) {
    EXPECT_EQ(actual[i].first, expected[i].first);
    EXPECT_TRUE(same_bits(actual[i].second, expected[i].second));
  }
}

// Loads the file; true where it is refused by name, or loads as what was saved.
using Check = std::function<bool(const fs::path& path)>;

bool refused_by_name(const fs::path& path, const std::function<bool()>& load) {
  try {
    return load();
  } catch (const c10::ValueError& error) {
    return std::string_view(error.what_without_backtrace()).find(path.string()) !=
           std::string_view::npos;
  }
}

void expect_no_damage_passes(const fs::path& path, const Check& is_refused_or_right) {
  const std::string intact = read_whole(path);
  for (std::size_t length = 0; length < intact.size(); ++length) {
    write_whole(path, intact.substr(0, length));
    EXPECT_TRUE(is_refused_or_right(path)) << "cut to " << length;
  }
  std::mt19937 random(7);
  for (int i = 0; i < 3000; ++i) {
    std::string damaged = intact;
    for (unsigned flips = 1 + random() % 3; flips > 0; --flips) {
      damaged[random() % damaged.size()] ^= static_cast<char>(1 + random() % 255);
    }
    write_whole(path, damaged);
    ASSERT_TRUE(is_refused_or_right(path)) << "flip " << i;
  }
}

TEST(MetricFiles, IsRefusedOrRightWhateverTheDamage) {
  const TemporaryFolder folder;
  const auto metric = counted_metric();
  save_metric(folder / "file", *metric);
  expect_no_damage_passes(folder / "file", [&](const fs::path& path) {
    return refused_by_name(path, [&] {
      const auto loaded = load_metric(path);
      return loaded->get_config() == metric->get_config() &&
             same_bits(loaded->variables(), metric->variables());
    });
  });
}

TEST(CollectionFiles, IsRefusedOrRightWhateverTheDamage) {
  const TemporaryFolder folder;
  const auto collection = counted_collection();
  save_collection(folder / "file", collection);
  expect_no_damage_passes(folder / "file", [&](const fs::path& path) {
    return refused_by_name(path, [&] {
      const auto loaded = load_collection(path);
      bool same = loaded.get_config() == collection.get_config();
      for (std::size_t i = 0; i < loaded.results().size(); ++i) {
        same = same && same_bits(loaded.results()[i].second, collection.results()[i].second);
      }
      return same;
    });
  });
}

}  // namespace
}  // namespace assay::serialization
