// SPDX-License-Identifier: Apache-2.0
// Metrics of several processes are those of one process on all data, for every metric.
#include <assay/distributed/metrics.h>
#include <assay/metrics/registry.h>
#include <assay/tests/distributed/ranks/ranks.h>
#include <assay/tests/testing/accelerator.h>
#include <assay/tests/testing/check.h>
#include <assay/tests/testing/streams.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

namespace assay::distributed {
namespace {

using assay::testing::Call;
using assay::testing::near;
using assay::testing::ranks;
using assay::testing::rows_by_rank;
using assay::testing::same_bits;
using assay::testing::Stream;
using assay::testing::value_error;
using assay::testing::within_one_ulp;
using metrics::Metric;
using metrics::MetricCollection;
using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;

// A window counts batches, and a bootstrap draws by a sample's place in the stream: for them the
// states of all ranks are merged here.
bool sees_rows_alone(const std::string& name) {
  return name != "SlidingWindow" && name != "BootstrapInterval";
}

bool is_whole(const at::Tensor& tensor) {
  return !tensor.is_floating_point() ||
         (tensor.isfinite().all().item<bool>() && tensor.eq(tensor.round()).all().item<bool>());
}

void update(Metric& metric, const Call& call, const at::Device& device = at::kCPU) {
  const auto there = [&](const at::Tensor& tensor) {
    return tensor.defined() ? tensor.to(device) : tensor;
  };
  metric.update_state(there(call.y_true), there(call.y_pred), there(call.sample_weight));
}

// What one rank has seen: its rows, in two batches.
std::shared_ptr<Metric> seen(const std::string& name, const Stream& stream,
                             const std::vector<std::int64_t>& rows,
                             const at::Device& device = at::kCPU) {
  auto metric = metrics::from_config(name, stream.config);
  const auto half = rows.begin() + static_cast<std::ptrdiff_t>(rows.size() / 2);
  for (const auto& part : {std::vector(rows.begin(), half), std::vector(half, rows.end())}) {
    if (!part.empty()) update(*metric, stream.rows(part), device);
  }
  return metric;
}

std::shared_ptr<Metric> expected(const std::string& name, const Stream& stream,
                                 const std::vector<std::vector<std::int64_t>>& parts) {
  auto whole = metrics::from_config(name, stream.config);
  if (sees_rows_alone(name)) {
    update(*whole, stream.whole);
    return whole;
  }
  for (const auto& part : parts) whole->merge_state({seen(name, stream, part).get()});
  return whole;
}

class EveryMetric : public ::testing::TestWithParam<std::string> {};

TEST_P(EveryMetric, HasTheResultOfOneProcess) {
  const auto streams = assay::testing::streams(GetParam(), 13);
  ASSERT_FALSE(streams.empty());
  for (const auto& stream : streams) {
    for (int cut = 0; cut < assay::testing::kCuts; ++cut) {
      ASSAY_TRACE(stream.name << ", cut " << cut);
      const auto parts = rows_by_rank(stream.size(), cut);
      const auto own = seen(GetParam(), stream, parts[ranks().rank()]);
      const auto before = assay::testing::copies(own->variables());
      const auto collectives = ranks().collectives();
      const auto all = synchronized(*own, ranks());
      // The second, where there is one, is for states of more than 16 KiB that only data make.
      std::int64_t bytes = 0;
      for (const auto& variable : all->variables()) bytes += variable.nbytes();
      EXPECT_LE(ranks().collectives(), collectives + (bytes > 12000 ? 2 : 1));
      EXPECT_TRUE(same_bits(own->variables(), before));

      const auto whole = expected(GetParam(), stream, parts);
      bool exact = true;
      for (const auto& variable : whole->variables()) exact = exact && is_whole(variable);
      if (exact) {
        EXPECT_TRUE(same_bits(all->variables(), whole->variables()));
        EXPECT_TRUE(same_bits(all->result(), whole->result()));
      } else {
        EXPECT_TRUE(within_one_ulp(all->result(), whole->result()));
      }
      // Every rank has the same, to the last bit.
      const auto results = all_gather({{"result", all->result()}}, {{"result", all->result()}},
                                      ranks(), "comparing results");
      for (const auto& other : results) EXPECT_TRUE(same_bits(other.at("result"), all->result()));
      // Both go on: with more data, and once more together.
      update(*all, stream.whole);
      update(*own, stream.whole);
      const auto again = ranks().collectives();
      EXPECT_NO_THROW(synchronized(*own, ranks()));
      EXPECT_EQ(ranks().collectives(), again + 1);
    }
  }
}

// Every other rank measures on an accelerator.
TEST_P(EveryMetric, IsThatOfOneProcessWhereDevicesDiffer) {
  const auto stream = assay::testing::streams(GetParam(), 13).front();
  const auto parts = rows_by_rank(stream.size(), 3);
  const auto device =
      ranks().rank() % 2 == 0 ? assay::testing::accelerator() : at::Device(at::kCPU);
  const auto own = seen(GetParam(), stream, parts[ranks().rank()], device);
  const auto all = synchronized(*own, ranks());
  for (const auto& variable : own->variables()) EXPECT_EQ(variable.device().type(), device.type());
  for (const auto& variable : all->variables()) EXPECT_EQ(variable.device().type(), device.type());
  const auto whole = expected(GetParam(), stream, parts);
  EXPECT_TRUE(near(all->result().cpu(), whole->result(), 1e-5, 1e-6));
  bool exact = true;
  for (const auto& variable : whole->variables()) exact = exact && is_whole(variable);
  for (std::size_t i = 0; exact && i < whole->variables().size(); ++i) {
    EXPECT_TRUE(same_bits(all->variables()[i].cpu(), whole->variables()[i]));
  }
}

INSTANTIATE_TEST_SUITE_P(Registry, EveryMetric, ::testing::ValuesIn(metrics::registry().names()),
                         [](const auto& info) { return info.param; });

MetricCollection thirty_metrics() {
  std::vector<std::shared_ptr<Metric>> list;
  for (const auto* name : {"AUC",
                           "Precision",
                           "Recall",
                           "TruePositives",
                           "FalseNegatives",
                           "FalsePositives",
                           "TrueNegatives",
                           "BinaryAccuracy",
                           "BinaryCrossentropy",
                           "BrierScore",
                           "MeanSquaredError",
                           "MeanAbsoluteError",
                           "RootMeanSquaredError",
                           "Hinge",
                           "SquaredHinge",
                           "AveragePrecision",
                           "PrecisionRecallCurve",
                           "ROCCurve",
                           "LogCoshError",
                           "PearsonCorrelation",
                           "ConcordanceCorrelation",
                           "R2Score",
                           "F1Score",
                           "KLDivergence",
                           "Poisson",
                           "CosineSimilarity"}) {
    list.push_back(metrics::get(name));
  }
  list.push_back(metrics::get(R"({"class_name": "BinaryIoU", "config": {}})"));
  list.push_back(metrics::get(R"({"class_name": "PrecisionAtRecall", "config": {"recall": 0.5}})"));
  list.push_back(metrics::get(
      R"({"class_name": "SensitivityAtSpecificity", "config": {"specificity": 0.5}})"));
  list.push_back(metrics::get(R"({"class_name": "AUC", "config": {"curve": "PR"}})"));
  return MetricCollection(list, {.prefix = "val_"});
}

// Scores and labels [rows, 1]: multiples of 1/64, of which sums are exact.
Call drawn(std::int64_t rows) {
  const auto generator = at::make_generator<at::CPUGeneratorImpl>(5);
  return {torch::randint(0, 2, {rows, 1}, generator, torch::kFloat),
          torch::randint(0, 65, {rows, 1}, generator, torch::kFloat) / 64, torch::Tensor()};
}

TEST(Collection, OfThirtyMetricsIsOneCollective) {
  const auto data = drawn(40);
  for (int cut = 0; cut < assay::testing::kCuts; ++cut) {
    ASSAY_TRACE("cut " << cut);
    auto own = thirty_metrics();
    ASSERT_EQ(own.size(), 30);
    const auto rows = rows_by_rank(40, cut)[ranks().rank()];
    if (!rows.empty()) {
      const auto index = torch::tensor(rows);
      own.update_state(data.y_true.index({index}), data.y_pred.index({index}));
    }
    const auto collectives = ranks().collectives();
    const auto results = synchronized(own, ranks()).results();
    EXPECT_EQ(ranks().collectives(), collectives + 1);
    auto whole = thirty_metrics();
    whole.update_state(data.y_true, data.y_pred);
    const auto expected = whole.results();
    ASSERT_EQ(results.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_EQ(results[i].first, expected[i].first);
      EXPECT_TRUE(within_one_ulp(results[i].second, expected[i].second)) << expected[i].first;
    }
    for (const auto* counted : {"val_auc", "val_precision", "val_true_positives"}) {
      EXPECT_TRUE(same_bits(results.at(counted), expected.at(counted))) << counted;
    }
  }
}

TEST(Collection, WithoutAnyDataIsAsNew) {
  const auto fresh = thirty_metrics();
  const auto all = synchronized(fresh, ranks());
  EXPECT_EQ(all.at("true_positives").result().item<float>(), 0);
}

TEST(Collection, StatesThatTheOthersDoNotExpectTakeASecondCollective) {
  // 2000 classes, known to rank 0 alone.
  MetricCollection own({metrics::get(R"({"class_name": "F1Score", "config": {}})")});
  const auto labels = torch::eye(2000);
  if (ranks().is_first()) own.update_state(labels, labels);
  const auto collectives = ranks().collectives();
  const auto all = synchronized(own, ranks());
  EXPECT_EQ(ranks().collectives(), collectives + 2);
  synchronized(own, ranks());
  EXPECT_EQ(ranks().collectives(), collectives + 3);
  EXPECT_TRUE(all.at("f1_score").result().equal(torch::ones({2000})));
}

TEST(Collection, VariablesOfOnesOwnAreSummed) {
  const auto metric = metrics::get("binary_accuracy");
  metric->add_variable({2}, "zeros", torch::kFloat, "mine").fill_(ranks().rank() + 1.0);
  const auto ranks_sum = static_cast<double>(ranks().size() * (ranks().size() + 1)) / 2;
  const auto all = synchronized(*metric, ranks());
  EXPECT_EQ(all->variables().back()[1].item<double>(), ranks_sum);
}

TEST(Collection, OtherMetricsOnAnotherRankAreAnErrorOnAll) {
  MetricCollection own(
      {ranks().is_first() ? metrics::get("precision") : metrics::get("binary_accuracy")});
  const auto before = own.results();
  EXPECT_THAT(value_error([&] { synchronized(own, ranks()); }),
              ContainsRegex("the metrics of rank [0-9]: the variable '.*' is missing"));
  EXPECT_EQ(own.names().size(), before.size());
}

TEST(Collection, StatesOfOtherShapesOnAnotherRankAreAnErrorOnAll) {
  // The last rank has seen four classes, the others three.
  const auto last = ranks().size() - 1;
  MetricCollection own({metrics::get(R"({"class_name": "F1Score", "config": {}})")});
  const auto labels = torch::eye(ranks().rank() == last ? 4 : 3);
  own.update_state(labels, labels);
  const auto names_both =
      AllOf(HasSubstr("[3] on rank 0"), HasSubstr("[4] on rank " + std::to_string(last)));
  EXPECT_THAT(value_error([&] { synchronized(own, ranks()); }),
              AllOf(HasSubstr("'f1_score/true_positives'"), names_both));
  EXPECT_THAT(value_error([&] { synchronized(own.at("f1_score"), ranks()); }),
              AllOf(HasSubstr("'f1_score/true_positives'"), names_both));
  EXPECT_TRUE(own.at("f1_score").result().equal(torch::ones({labels.size(0)})));
}

}  // namespace
}  // namespace assay::distributed
