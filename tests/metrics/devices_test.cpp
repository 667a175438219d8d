// SPDX-License-Identifier: Apache-2.0
// Every metric away from the CPU: its updates never wait for the device, and its results are those
// of the CPU.
#include <assay/metrics/collection.h>
#include <assay/metrics/registry.h>
#include <assay/tests/testing/accelerator.h>
#include <assay/tests/testing/check.h>
#include <assay/tests/testing/golden.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

namespace assay::metrics {
namespace {

using assay::testing::golden_cases;
using assay::testing::HostWaits;
using assay::testing::near;
using assay::testing::on_accelerator;
using assay::testing::same_bits;
using ::testing::IsEmpty;
using ::testing::Not;

// ---- the device itself -------------------------------------------------------------------------

TEST(Accelerator, ComputesAsTheCPUDoes) {
  const auto x = at::arange(12, at::kDouble).view({3, 4});
  const auto ours = on_accelerator(x);
  EXPECT_EQ(ours.device(), testing::accelerator());
  EXPECT_TRUE(same_bits(ours.cpu(), x));
  EXPECT_TRUE(same_bits((ours.t() * 2).sum(0).cpu(), (x.t() * 2).sum(0)));
  auto changed = ours.clone();
  changed.select(0, 1).add_(5);
  changed.slice(1, 0, 2).fill_(-1);
  auto expected = x.clone();
  expected.select(0, 1).add_(5);
  expected.slice(1, 0, 2).fill_(-1);
  EXPECT_TRUE(same_bits(changed.cpu(), expected));
  EXPECT_TRUE(same_bits(ours.cpu(), x)) << "a clone has memory of its own";
  EXPECT_TRUE(same_bits(at::cat({ours, ours}).argmax(-1).cpu(), at::cat({x, x}).argmax(-1)));
  EXPECT_TRUE(same_bits(at::arange(5, ours.options()).cpu(), at::arange(5, x.options())));
  auto grown = at::empty({0}, ours.options());
  at::add_out(grown, ours, ours);
  EXPECT_TRUE(same_bits(grown.cpu(), x + x));
}

TEST(Accelerator, NoticesWhatMakesTheHostWait) {
  const auto x = on_accelerator(at::arange(4, at::kFloat));
  const auto on_host = at::ones({4});
  const auto mask = x.gt(1);
  const std::vector<std::function<void()>> waits = {[&] { x.sum().item<float>(); },
                                                    [&] { (void)x.gt(9).any().is_nonzero(); },
                                                    [&] { x.nonzero(); },
                                                    [&] { x.masked_select(mask); },
                                                    [&] { x.index({mask}); },
                                                    [&] { x.clone().index_put_({mask}, x.sum()); },
                                                    [&] { (void)x.equal(x); },
                                                    [&] { at::_unique2(x); },
                                                    [&] { x.cpu(); },
                                                    [&] { on_host.clone().copy_(x); },
                                                    [&] { on_host.to(x.device()); },
                                                    [&] {
                                                      at::tensor({1., 2.}, x.options());
                                                    }};
  for (std::size_t i = 0; i < waits.size(); ++i) {
    const HostWaits seen;
    waits[i]();
    EXPECT_THAT(seen.seen(), Not(IsEmpty())) << i;
  }
  const HostWaits none;
  x.add(1).sum();
  at::where(mask, x, 0.0).argmax();
  x.index_select(0, x.to(at::kLong));
  on_host.to(x.device(), /*non_blocking=*/true);
  EXPECT_THAT(none.seen(), IsEmpty());
}

// ---- every metric ------------------------------------------------------------------------------

class MetricDevices : public ::testing::TestWithParam<std::string> {};

TEST_P(MetricDevices, UpdatesNeverWaitAndResultsAreTheCPUs) {
  ASSERT_FALSE(golden_cases("metrics", GetParam()).empty());
  for (const auto& golden : golden_cases("metrics", GetParam())) {
    ASSAY_TRACE(golden.name);
    const auto metric = from_config(GetParam(), golden.config);
    const auto on_cpu = from_config(GetParam(), golden.config);
    for (const auto& [y_true, y_pred, sample_weight] : golden.calls) {
      const auto t = on_accelerator(y_true);
      const auto p = on_accelerator(y_pred);
      const auto w = on_accelerator(sample_weight);
      const HostWaits waits;
      metric->update_state(t, p, w);
      EXPECT_THAT(waits.seen(), IsEmpty());
      on_cpu->update_state(y_true, y_pred, sample_weight);
    }
    const HostWaits waits;
    const auto result = metric->result();
    metric->results();
    const auto merged = from_config(GetParam(), golden.config);
    merged->merge_state({metric.get()});
    metric->reset_state();
    EXPECT_THAT(waits.seen(), IsEmpty());
    EXPECT_EQ(result.device(), testing::accelerator());
    for (const auto& variable : metric->variables()) {
      EXPECT_EQ(variable.device(), testing::accelerator());
    }
    EXPECT_TRUE(near(result.cpu(), on_cpu->result(), golden.rtol, golden.atol));
    EXPECT_TRUE(near(merged->result().cpu(), on_cpu->result(), golden.rtol, golden.atol));
  }
}

INSTANTIATE_TEST_SUITE_P(Every, MetricDevices, ::testing::ValuesIn(registry().names()),
                         [](const auto& info) { return info.param; });

TEST(MetricCollectionDevices, UpdatesNeverWait) {
  auto collection = MetricCollection::from_json(
      R"(["precision", "recall", "auc", "average_precision", "accuracy", "mse",
          {"class_name": "F1Score", "config": {"threshold": 0.5}},
          {"class_name": "AUC", "config": {"multi_label": true}}])");
  const auto y_pred = at::rand({20, 3});
  const auto y_true = y_pred.gt(0.4).to(at::kLong);
  const auto t = on_accelerator(y_true);
  const auto p = on_accelerator(y_pred);
  for (int update = 0; update < 3; ++update) {
    const HostWaits waits;
    collection.update_state(t, p);
    EXPECT_THAT(waits.seen(), IsEmpty());
  }
}

}  // namespace
}  // namespace assay::metrics
