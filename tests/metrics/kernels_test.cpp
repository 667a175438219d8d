// SPDX-License-Identifier: Apache-2.0
// Which operators the metrics' updates call, and that the CPU kernels run in them.
#include <assay/metrics/registry.h>
#include <assay/tests/testing/check.h>
#include <assay/tests/testing/golden.h>
#include <assay/tests/testing/operators.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <map>

namespace assay::metrics {
namespace {

using assay::testing::golden_cases;
using assay::testing::operators_called;

using Names = std::vector<std::string>;

const std::string kMean = "assay::add_samplewise_sums_";
const std::string kThresholds = "assay::add_threshold_counts_";
const std::string kPairs = "assay::add_class_pairs_";
const std::string kFScore = "assay::add_f_score_counts_";

// Of each class the operators that count; of a mean-style metric, those beside its loss.
const std::map<std::string, Names>& operators() {
  static const std::map<std::string, Names> names = {
      {"AUC", {kThresholds}},
      {"Accuracy", {kMean}},
      {"BalancedAccuracy", {kPairs}},
      {"BinaryAccuracy", {kMean, "assay::binary_hits"}},
      {"BinaryCrossentropy", {kMean, "assay::binary_crossentropy_forward"}},
      {"BinaryIoU", {"assay::add_binary_pairs_"}},
      {"CategoricalAccuracy", {kMean, "assay::argmax_hits", "assay::row_argmax"}},
      {"CategoricalCrossentropy", {kMean, "assay::categorical_crossentropy_forward"}},
      {"CohenKappa", {kPairs}},
      {"ConcordanceCorrelation", {kMean, "assay::moments_of_rows"}},
      {"ConfusionMatrix", {kPairs}},
      {"CosineSimilarity", {kMean, "assay::cosine_similarity_forward"}},
      {"F1Score", {kFScore}},
      {"FBetaScore", {kFScore}},
      {"FalseNegatives", {kThresholds}},
      {"FalsePositives", {kThresholds}},
      {"Hinge", {kMean, "assay::hinge_forward"}},
      {"IoU", {kPairs}},
      {"KLDivergence", {kMean, "assay::kl_divergence_forward"}},
      {"LogCoshError", {kMean, "assay::log_cosh_forward"}},
      {"MatthewsCorrelation", {kPairs}},
      {"Mean", {kMean}},
      {"MeanAbsoluteError", {kMean, "assay::mean_absolute_error_forward"}},
      {"MeanIoU", {kPairs}},
      {"MeanSquaredError", {kMean, "assay::mean_squared_error_forward"}},
      {"OneHotIoU", {kPairs, "assay::row_argmax"}},
      {"OneHotMeanIoU", {kPairs, "assay::row_argmax"}},
      {"PearsonCorrelation", {kMean, "assay::moments_of_rows"}},
      {"Poisson", {kMean, "assay::poisson_forward"}},
      {"Precision", {kThresholds}},
      {"PrecisionAtRecall", {kThresholds}},
      {"R2Score", {"assay::add_column_sums_"}},
      {"Recall", {kThresholds}},
      {"RecallAtPrecision", {kThresholds}},
      {"SensitivityAtSpecificity", {kThresholds}},
      {"SparseCategoricalAccuracy", {kMean, "assay::argmax_hits"}},
      {"SparseCategoricalCrossentropy", {kMean, "assay::sparse_categorical_crossentropy_forward"}},
      {"SparseTopKCategoricalAccuracy", {kMean, "assay::top_k_hits"}},
      {"SpecificityAtSensitivity", {kThresholds}},
      {"SquaredHinge", {kMean, "assay::squared_hinge_forward"}},
      {"Sum", {"assay::add_weighted_sum_"}},
      {"TopKCategoricalAccuracy", {kMean, "assay::top_k_hits", "assay::row_argmax"}},
      {"TrueNegatives", {kThresholds}},
      {"TruePositives", {kThresholds}},
  };
  return names;
}

// What only the composed implementations of these operators call.
const Names& composed_marks() {
  static const Names marks = {"aten::argmax", "aten::gather",     "aten::scatter_add_",
                              "aten::sum",    "aten::index_add_", "aten::mean"};
  return marks;
}

class MetricKernels : public ::testing::TestWithParam<std::string> {};

TEST_P(MetricKernels, CountWhatTheUpdateSees) {
  const auto golden = golden_cases("metrics", GetParam()).at(0);
  const auto& [y_true, y_pred, sample_weight] = golden.calls.at(0);
  const auto& labels = y_true;
  const auto& predictions = y_pred;
  for (const auto& weight : {at::Tensor(), at::ones({})}) {
    const auto metric = from_config(GetParam(), golden.config);
    const auto called =
        operators_called([&] { metric->update_state(labels, predictions, weight); });
    for (const auto& name : operators().at(GetParam())) {
      EXPECT_THAT(called, ::testing::Contains(name));
    }
    for (const auto& mark : composed_marks()) {
      EXPECT_THAT(called, ::testing::Not(::testing::Contains(mark)));
    }
  }
}

Names listed() {
  Names names;
  for (const auto& [name, calls] : operators()) names.push_back(name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Listed, MetricKernels, ::testing::ValuesIn(listed()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace assay::metrics
