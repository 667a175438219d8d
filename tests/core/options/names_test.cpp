// SPDX-License-Identifier: Apache-2.0
#include <assay/core/options/names.h>
#include <gtest/gtest.h>

#include <chrono>

namespace assay {
namespace {

const std::vector<std::string>& known() {
  static const std::vector<std::string> names = {"sum",   "sum_over_batch_size",    "mean", "none",
                                                 "Huber", "mean_with_sample_weight"};
  return names;
}

TEST(Names, TheNearestIsFoundByEditDistance) {
  EXPECT_EQ(nearest_name("summ", known()), "sum");
  EXPECT_EQ(nearest_name("sm", known()), "sum");
  EXPECT_EQ(nearest_name("sum_over_batchsize", known()), "sum_over_batch_size");
  EXPECT_EQ(nearest_name("mean_with_sample_wieght", known()), "mean_with_sample_weight");
  EXPECT_EQ(nearest_name("Hubert", known()), "Huber");
  EXPECT_EQ(nearest_name("mean", known()), "mean");
}

TEST(Names, CaseDoesNotCount) {
  EXPECT_EQ(nearest_name("huber", known()), "Huber");
  EXPECT_EQ(nearest_name("MEAN", known()), "mean");
  EXPECT_EQ(nearest_name("HUBERT", known()), "Huber");
}

TEST(Names, WhatIsFarFromAllSuggestsNothing) {
  EXPECT_EQ(nearest_name("categorical", known()), "");
  EXPECT_EQ(nearest_name("zzzzz", known()), "");
  EXPECT_EQ(nearest_name("", {"abcdef"}), "");
  EXPECT_EQ(nearest_name("anything", {}), "");
  EXPECT_EQ(did_you_mean("zzzzz", known()), "");
  EXPECT_EQ(did_you_mean("summ", known()), " Did you mean 'sum'?");
}

TEST(Names, ANameOfMegabytesIsAnsweredAtOnce) {
  const std::string name(10'000'000, 's');
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(nearest_name(name, known()), "");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
}

TEST(Names, BytesThatAreNoTextAreCompared) {
  EXPECT_EQ(nearest_name("s\xffm", known()), "sum");
  EXPECT_EQ(nearest_name(std::string("su\0m", 4), known()), "sum");
}

TEST(Names, Join) {
  EXPECT_EQ(join({}), "");
  EXPECT_EQ(join({"a"}), "a");
  EXPECT_EQ(join({"a", "b", "c"}), "a, b, c");
  EXPECT_EQ(join({"a", "b"}, "/"), "a/b");
}

TEST(Names, SnakeCaseIsKerasRule) {
  const std::vector<std::pair<std::string, std::string>> table = {
      {"MeanSquaredError", "mean_squared_error"},
      {"AUC", "auc"},
      {"KLDivergence", "kl_divergence"},
      {"CTC", "ctc"},
      {"Huber", "huber"},
      {"LogCosh", "log_cosh"},
      {"F1Score", "f1_score"},
      {"R2Score", "r2_score"},
      {"FBetaScore", "f_beta_score"},
      {"MeanIoU", "mean_io_u"},
      {"OneHotMeanIoU", "one_hot_mean_io_u"},
      {"TopKCategoricalAccuracy", "top_k_categorical_accuracy"},
      {"BinaryCrossentropy", "binary_crossentropy"},
      {"already_snake", "already_snake"},
      {"", ""},
      {"X", "x"},
      {"Adam", "adam"},
      {"RMSprop", "rm_sprop"},
  };
  for (const auto& [name, snake] : table) EXPECT_EQ(snake_case(name), snake);
}

}  // namespace
}  // namespace assay
