// SPDX-License-Identifier: Apache-2.0
#include <assay/assay.h>
#include <gtest/gtest.h>

TEST(Umbrella, AssayHBringsLossesMetricsFilesAndTraining) {
  const assay::losses::Huber loss;
  const assay::metrics::AUC metric;
  EXPECT_EQ(loss->get_config()["name"], "huber_loss");
  EXPECT_EQ(metric.name(), "auc");
  EXPECT_TRUE(assay::training::optimizers::get("adam"));
  EXPECT_FALSE(assay::training::History().to_json().empty());
}
