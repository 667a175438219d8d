// SPDX-License-Identifier: Apache-2.0
// The numbers on the pages "tf.keras.metrics.CategoricalCrossentropy": the current one, and the one
// of TensorFlow 2.2, which prints the same.
#include <assay/losses/binary_crossentropy.h>
#include <assay/losses/categorical_crossentropy.h>
#include <assay/metrics/categorical_crossentropy.h>
#include <assay/tests/testing/printed.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

namespace assay {
namespace {

using testing::is_cut_to;
using testing::shortest;

const auto kTrue = [] { return torch::tensor({{0, 1, 0}, {0, 0, 1}}); };
const auto kPred = [] { return torch::tensor({{0.05f, 0.95f, 0.f}, {0.1f, 0.8f, 0.1f}}); };

TEST(TfKerasMetricsCategoricalCrossentropy, StandaloneUsage) {
  metrics::CategoricalCrossentropy m;
  m.update_state(kTrue(), kPred());
  EXPECT_EQ(shortest(m.result()), "1.1769392");
}

TEST(TfKerasMetricsCategoricalCrossentropy, WithSampleWeight) {
  metrics::CategoricalCrossentropy m;
  m.update_state(kTrue(), kPred());
  m.reset_state();
  m.update_state(kTrue(), kPred(), torch::tensor({0.3, 0.7}, torch::kDouble));
  EXPECT_EQ(shortest(m.result()), "1.6271976");
}

TEST(TfKerasMetricsCategoricalCrossentropy, CrossentropyInTheComment) {
  const auto xent = losses::categorical_crossentropy(kTrue(), kPred());
  EXPECT_TRUE(is_cut_to(xent[0], "0.051"));
  EXPECT_TRUE(is_cut_to(xent[1], "2.302"));
}

// "label_smoothing=0.2 means that we will use a value of 0.1 for label 0 and 0.9 for label 1": so
// it is where there are two classes. A metric of those labels, smoothed, equals one of the values.
TEST(TfKerasMetricsCategoricalCrossentropy, LabelSmoothingInTheArguments) {
  const auto hard = torch::tensor({{0.f, 1.f}, {1.f, 0.f}});
  const auto soft = torch::tensor({{0.1f, 0.9f}, {0.9f, 0.1f}});
  const auto y_pred = torch::tensor({{0.3f, 0.7f}, {0.4f, 0.6f}});
  metrics::CategoricalCrossentropy smoothed({.label_smoothing = 0.2});
  metrics::CategoricalCrossentropy plain;
  EXPECT_EQ(shortest(smoothed(hard, y_pred)), shortest(plain(soft, y_pred)));
}

}  // namespace
}  // namespace assay
