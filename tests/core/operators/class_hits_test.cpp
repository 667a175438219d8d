// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <assay/core/operators/class_hits.h>
#include <assay/tests/testing/check.h>

namespace assay {
namespace {

using assay::testing::same_bits;

at::Tensor some_scores() {
  return at::rand({30, 7}, at::detail::createCPUGenerator(1), at::kFloat);
}

TEST(SharedArgmax, IsComputedOnceForTheSameScores) {
  const auto scores = some_scores();
  const SharedArgmax once;
  const auto first = row_argmax(scores, 1);
  EXPECT_TRUE(first.is_same(row_argmax(scores, 1)));
  EXPECT_TRUE(first.is_same(row_argmax(scores.detach(), 1)));
  EXPECT_TRUE(same_bits(first, scores.argmax(1)));
}

TEST(SharedArgmax, IsOfNoOtherScores) {
  const auto scores = some_scores();
  const SharedArgmax once;
  const auto first = row_argmax(scores, 1);
  EXPECT_TRUE(same_bits(row_argmax(scores, 0), scores.argmax(0)));
  EXPECT_TRUE(same_bits(row_argmax(scores.neg(), 1), scores.argmin(1)));
  EXPECT_TRUE(same_bits(row_argmax(scores.slice(0, 0, 9), 1), scores.slice(0, 0, 9).argmax(1)));
  EXPECT_TRUE(same_bits(row_argmax(scores.slice(1, 1), 1), scores.slice(1, 1).argmax(1)));
  scores.neg_();
  EXPECT_TRUE(same_bits(row_argmax(scores, 1), scores.argmax(1)));
  EXPECT_FALSE(same_bits(first, scores.argmax(1)));
}

TEST(SharedArgmax, EndsWithItsOutermostScope) {
  const auto scores = some_scores();
  at::Tensor first;
  {
    const SharedArgmax once;
    first = row_argmax(scores, 1);
    { const SharedArgmax inner; }
    EXPECT_TRUE(first.is_same(row_argmax(scores, 1)));
  }
  EXPECT_FALSE(first.is_same(row_argmax(scores, 1)));
}

TEST(SharedArgmax, TakesTensorsWithoutVersions) {
  const c10::InferenceMode inference;
  const auto scores = some_scores();
  const SharedArgmax once;
  EXPECT_TRUE(same_bits(row_argmax(scores, 1), scores.argmax(1)));
  scores.neg_();
  EXPECT_TRUE(same_bits(row_argmax(scores, 1), scores.argmax(1)));
}

}  // namespace
}  // namespace assay
