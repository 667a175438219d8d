// SPDX-License-Identifier: Apache-2.0
// The numbers on the page "tf.keras.metrics.SparseCategoricalCrossentropy".
#include <assay/losses/sparse_categorical_crossentropy.h>
#include <assay/metrics/accuracy.h>
#include <assay/metrics/sparse_categorical_crossentropy.h>
#include <assay/tests/testing/printed.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

namespace assay {
namespace {

using testing::rounds_to;
using testing::shortest;

const auto kTrue = [] { return torch::tensor({1, 2}, torch::kLong); };
const auto kPred = [] { return torch::tensor({{0.05f, 0.95f, 0.f}, {0.1f, 0.8f, 0.1f}}); };

TEST(TfKerasMetricsSparseCategoricalCrossentropy, StandaloneUsage) {
  metrics::SparseCategoricalCrossentropy m;
  m.update_state(kTrue(), kPred());
  EXPECT_EQ(shortest(m.result()), "1.1769392");
}

TEST(TfKerasMetricsSparseCategoricalCrossentropy, WithSampleWeight) {
  metrics::SparseCategoricalCrossentropy m;
  m.update_state(kTrue(), kPred());
  m.reset_state();
  m.update_state(kTrue(), kPred(), torch::tensor({0.3f, 0.7f}));
  EXPECT_EQ(shortest(m.result()), "1.6271976");
}

// The table of log(softmax): minus the cost of each class as the label of each row.
TEST(TfKerasMetricsSparseCategoricalCrossentropy, LogSoftmaxInTheComment) {
  const std::vector<std::vector<std::string>> page = {{"-2.9957", "-0.0513", "-16.1181"},
                                                      {"-2.3026", "-0.2231", "-2.3026"}};
  for (int label = 0; label < 3; ++label) {
    const auto cost =
        losses::sparse_categorical_crossentropy(torch::full({2}, label, torch::kLong), kPred());
    for (int row = 0; row < 2; ++row) EXPECT_TRUE(rounds_to(-cost[row], page[row][label]));
  }
}

TEST(TfKerasMetricsSparseCategoricalCrossentropy, CrossentropyInTheComment) {
  const auto xent = losses::sparse_categorical_crossentropy(kTrue(), kPred());
  EXPECT_TRUE(rounds_to(xent[0], "0.0513"));
  EXPECT_TRUE(rounds_to(xent[1], "2.3026"));
  EXPECT_TRUE(rounds_to(xent.mean(), "1.1769392"));
}

TEST(TfKerasMetricsSparseCategoricalCrossentropy, MergeState) {
  metrics::Accuracy m1;
  m1.update_state(torch::tensor({{1}, {2}}), torch::tensor({{0}, {2}}));
  metrics::Accuracy m2;
  m2.update_state(torch::tensor({{3}, {4}}), torch::tensor({{3}, {4}}));
  m2.merge_state({&m1});
  EXPECT_EQ(shortest(m2.result()), "0.75");
}

}  // namespace
}  // namespace assay
