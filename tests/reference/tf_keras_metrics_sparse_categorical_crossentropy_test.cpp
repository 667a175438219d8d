// SPDX-License-Identifier: Apache-2.0
// The numbers on the page "tf.keras.metrics.sparse_categorical_crossentropy" (TensorFlow 2.15).
#include <assay/losses/sparse_categorical_crossentropy.h>
#include <assay/tests/testing/printed.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

namespace assay {
namespace {

using losses::sparse_categorical_crossentropy;
using testing::each_shortest;
using testing::rounds_to;

TEST(TfKerasMetricsSparseCategoricalCrossentropyFunction, StandaloneUsage) {
  const auto loss =
      sparse_categorical_crossentropy(torch::tensor({1, 2}, torch::kLong),
                                      torch::tensor({{0.05f, 0.95f, 0.f}, {0.1f, 0.8f, 0.1f}}));
  ASSERT_EQ(loss.sizes(), at::IntArrayRef({2}));
  EXPECT_EQ(loss.scalar_type(), torch::kFloat);
  EXPECT_TRUE(rounds_to(loss[0], "0.0513"));
  EXPECT_TRUE(rounds_to(loss[1], "2.303"));
}

TEST(TfKerasMetricsSparseCategoricalCrossentropyFunction, IgnoreClass) {
  const auto y_true = torch::tensor({0, 2, -1, -1, 0, 2, -1, -1}, torch::kLong).view({2, 2, 2});
  const auto y_pred =
      torch::tensor({1.0f, 0.0f, 0.0f, 0.0f, 0.0f, 1.0f, 0.2f, 0.5f, 0.3f, 0.0f, 1.0f, 0.0f,
                     1.0f, 0.0f, 0.0f, 0.0f, 0.5f, 0.5f, 0.2f, 0.5f, 0.3f, 0.0f, 1.0f, 0.0f})
          .view({2, 2, 2, 3});
  const auto loss = sparse_categorical_crossentropy(y_true, y_pred, /*from_logits=*/false,
                                                    /*ignore_class=*/-1);
  ASSERT_EQ(loss.sizes(), at::IntArrayRef({2, 2, 2}));
  EXPECT_EQ(loss.scalar_type(), torch::kFloat);
  // NumPy pads its columns: 6.9314730e-01 is the float32 0.6931473.
  EXPECT_THAT(each_shortest(loss),
              ::testing::ElementsAre("2.3841855e-07", "2.3841855e-07", "0", "0", "2.3841855e-07",
                                     "0.6931473", "0", "0"));
}

}  // namespace
}  // namespace assay
