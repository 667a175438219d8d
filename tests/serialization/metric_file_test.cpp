// SPDX-License-Identifier: Apache-2.0
// Every metric, saved in the middle of a stream and restored, ends as one that was never saved.
#include <assay/metrics/registry.h>
#include <assay/serialization/metric_file.h>
#include <assay/tests/testing/check.h>
#include <assay/tests/testing/error_of.h>
#include <assay/tests/testing/streams.h>
#include <assay/tests/testing/temporary_folder.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace assay::serialization {
namespace {

using assay::testing::Call;
using assay::testing::error_of;
using assay::testing::same_bits;
using assay::testing::TemporaryFolder;
using ::testing::AllOf;
using ::testing::HasSubstr;

void update(metrics::Metric& metric, const Call& call) {
  metric.update_state(call.y_true, call.y_pred, call.sample_weight);
}

class MetricFile : public ::testing::TestWithParam<std::string> {
 protected:
  TemporaryFolder folder;
};

TEST_P(MetricFile, GoesOnWhereItWas) {
  const auto path = folder / "metric.safetensors";
  for (const auto& stream : assay::testing::streams(GetParam(), 4)) {
    ASSAY_TRACE(stream.name);
    const auto half = stream.size() / 2;
    const auto metric = metrics::from_config(GetParam(), stream.config);
    // Before there is anything to keep, too.
    save_metric(path, *metric);
    const auto early = load_metric(path);
    update(*metric, stream.rows(0, half));
    update(*early, stream.rows(0, half));
    save_metric(path, *metric);
    const auto made = load_metric(path);
    const auto filled = metrics::from_config(GetParam(), stream.config);
    load_metric(path, *filled);
    for (const auto& other : {early, made, filled}) {
      EXPECT_EQ(other->get_config(), metric->get_config());
      EXPECT_TRUE(same_bits(other->variables(), metric->variables()));
    }
    update(*metric, stream.rows(half, stream.size()));
    for (const auto& other : {early, made, filled}) {
      update(*other, stream.rows(half, stream.size()));
      EXPECT_TRUE(same_bits(other->result(), metric->result()));
    }
  }
}

TEST_P(MetricFile, DoesNotGoIntoAnotherConfiguration) {
  const auto path = folder / "metric.safetensors";
  const auto stream = assay::testing::streams(GetParam(), 4).at(0);
  const auto metric = metrics::from_config(GetParam(), stream.config);
  update(*metric, stream.whole);
  save_metric(path, *metric);
  auto config = stream.config;
  config["dtype"] = "float64";
  const auto other = metrics::from_config(GetParam(), config);
  const auto before = assay::testing::copies(other->variables());
  EXPECT_THAT(error_of([&] { load_metric(path, *other); }),
              AllOf(HasSubstr(path.string()), HasSubstr(GetParam())));
  EXPECT_TRUE(same_bits(other->variables(), before));
}

INSTANTIATE_TEST_SUITE_P(Every, MetricFile, ::testing::ValuesIn(metrics::registry().names()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace assay::serialization
