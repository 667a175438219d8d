// SPDX-License-Identifier: Apache-2.0
// The numbers on the page "Help on class SparseCategoricalCrossentropy in module
// keras.src.losses.losses".
#include <assay/core/options/json.h>
#include <assay/losses/registry.h>
#include <assay/losses/sparse_categorical_crossentropy.h>
#include <assay/tests/testing/printed.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <nlohmann/json.hpp>

namespace assay {
namespace {

using testing::rounds_to;

const auto kTrue = [] { return torch::tensor({1, 2}, torch::kLong); };
const auto kPred = [] { return torch::tensor({{0.05f, 0.95f, 0.f}, {0.1f, 0.8f, 0.1f}}); };

TEST(HelpOnClassSparseCategoricalCrossentropy, SumOverBatchSize) {
  losses::SparseCategoricalCrossentropy scce;
  EXPECT_TRUE(rounds_to(scce(kTrue(), kPred()), "1.177"));
}

TEST(HelpOnClassSparseCategoricalCrossentropy, SampleWeight) {
  losses::SparseCategoricalCrossentropy scce;
  EXPECT_TRUE(
      rounds_to(scce(kTrue(), kPred(), torch::tensor({0.3, 0.7}, torch::kDouble)), "0.814"));
}

TEST(HelpOnClassSparseCategoricalCrossentropy, Sum) {
  losses::SparseCategoricalCrossentropy scce({.reduction = Reduction::kSum});
  EXPECT_TRUE(rounds_to(scce(kTrue(), kPred()), "2.354"));
}

TEST(HelpOnClassSparseCategoricalCrossentropy, None) {
  const auto scce = losses::from_config("SparseCategoricalCrossentropy", {{"reduction", nullptr}});
  const auto values = (*scce)(kTrue(), kPred());
  ASSERT_EQ(values.sizes(), at::IntArrayRef({2}));
  EXPECT_EQ(values.scalar_type(), torch::kFloat);
  EXPECT_TRUE(rounds_to(values[0], "0.0513"));
  EXPECT_TRUE(rounds_to(values[1], "2.303"));
}

// The signature's defaults.
TEST(HelpOnClassSparseCategoricalCrossentropy, Defaults) {
  const auto config = losses::SparseCategoricalCrossentropy()->get_config();
  EXPECT_EQ(config.at("from_logits"), false);
  EXPECT_EQ(config.at("ignore_class"), nullptr);
  EXPECT_EQ(config.at("reduction"), "sum_over_batch_size");
  EXPECT_EQ(config.at("axis"), -1);
  EXPECT_EQ(config.at("name"), "sparse_categorical_crossentropy");
}

}  // namespace
}  // namespace assay
