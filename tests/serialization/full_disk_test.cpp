// SPDX-License-Identifier: Apache-2.0
// Files of metrics and collections on a full disk, and where nothing may be written.
#include <ATen/ops/arange.h>
#include <assay/metrics/registry.h>
#include <assay/serialization/metric_file.h>
#include <assay/tests/testing/check.h>
#include <assay/tests/testing/error_of.h>
#include <assay/tests/testing/small_disk.h>
#include <assay/tests/testing/temporary_folder.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace assay::serialization {
namespace {

using assay::testing::error_of;
using ::testing::HasSubstr;

const auto kLabels = at::arange(6).remainder(2);
const auto kScores = at::arange(6) / 6.0;

class FullDisk : public ::testing::Test {
 protected:
  FullDisk() {
    metric_->update_state(kLabels, kScores);
    collection_.update_state(kLabels, kScores);
  }

  void save() {
    save_metric(metric_path_, *metric_);
    save_collection(collection_path_, collection_);
  }

  // Counts on, so that what is saved next is another state.
  void expect_refused(const std::string& reason) {
    const auto metric = load_metric(metric_path_);
    metric->update_state(kLabels, kScores);
    auto collection = load_collection(collection_path_);
    collection.update_state(kLabels, kScores);
    const auto of_metric = error_of([&] { save_metric(metric_path_, *metric); });
    const auto of_collection = error_of([&] { save_collection(collection_path_, collection); });
    EXPECT_THAT(of_metric, HasSubstr(metric_path_.string()));
    EXPECT_THAT(of_metric, HasSubstr(reason));
    EXPECT_THAT(of_collection, HasSubstr(collection_path_.string()));
    EXPECT_THAT(of_collection, HasSubstr(reason));
    expect_the_old_ones();
  }

  void expect_the_old_ones() {
    EXPECT_TRUE(
        assay::testing::same_bits(load_metric(metric_path_)->variables(), metric_->variables()));
    const auto loaded = load_collection(collection_path_);
    for (const auto& [name, value] : collection_.results()) {
      EXPECT_TRUE(assay::testing::same_bits(loaded.results().at(name), value)) << name;
    }
  }

  const assay::testing::TemporaryFolder folder_;
  const std::filesystem::path metric_path_ = folder_ / "metric.safetensors";
  const std::filesystem::path collection_path_ = folder_ / "collection.safetensors";
  const std::shared_ptr<metrics::Metric> metric_ = metrics::get("auc");
  metrics::MetricCollection collection_{{metrics::get("precision"), metrics::get("mse")}};
};

TEST_F(FullDisk, LeavesTheOldFilesAndNothingElse) {
  assay::testing::on_small_disk(folder_.path(), 128 << 10, [&] {
    save();
    assay::testing::fill_disk(folder_ / "filler");
    expect_refused("No space left on device");
    EXPECT_EQ(folder_.listing(),
              (std::vector<std::string>{"collection.safetensors", "filler", "metric.safetensors"}));
  });
}

TEST_F(FullDisk, LikeAReadOnlyFolderLeavesTheOldFilesAndNothingElse) {
  save();
  assay::testing::in_read_only_folder(folder_.path(), [&] {
    expect_refused("Permission denied");
    EXPECT_EQ(folder_.listing(),
              (std::vector<std::string>{"collection.safetensors", "metric.safetensors"}));
  });
}

}  // namespace
}  // namespace assay::serialization
