// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/labels.h>
#include <assay/core/probabilities.h>
#include <assay/tests/testing/check.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>

namespace assay {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::near;
using testing::same_bits;
using testing::value_error;

TEST(Labels, TheClassAxisCountsFromEitherEnd) {
  const auto y_pred = at::zeros({2, 3, 4});
  for (std::int64_t axis = 0; axis < 3; ++axis) {
    EXPECT_EQ(class_axis(y_pred, axis), axis);
    EXPECT_EQ(class_axis(y_pred, axis - 3), axis);
  }
  for (const std::int64_t axis : {3L, -4L, 100L, INT64_MIN}) {
    EXPECT_THAT(value_error([&] { class_axis(y_pred, axis); }),
                AllOf(HasSubstr("axis is " + std::to_string(axis)), HasSubstr("[2, 3, 4]")));
  }
  EXPECT_THAT(value_error([] { class_axis(at::zeros({}), -1); }), HasSubstr("y_pred"));
}

TEST(Labels, OfAnyIntegerTypeOrFloatsThatHoldIntegersAreTaken) {
  const auto y_pred = at::zeros({3, 4});
  const auto expected = torch::tensor({0, 3, 1}, at::kLong);
  for (const auto dtype : {at::kLong, at::kInt, at::kShort, at::kByte, at::kChar, at::kFloat,
                           at::kDouble, at::kHalf, at::kBFloat16}) {
    EXPECT_TRUE(same_bits(sparse_labels(expected.to(dtype), y_pred, -1), expected));
    EXPECT_TRUE(same_bits(sparse_labels(expected.to(dtype).unsqueeze(-1), y_pred, 1), expected));
  }
}

TEST(Labels, LoseTheClassAxisWhereverItIs) {
  const auto y_pred = at::zeros({2, 3, 4});
  EXPECT_EQ(sparse_labels(at::zeros({3, 4}, at::kLong), y_pred, 0).sizes(),
            at::IntArrayRef({3, 4}));
  EXPECT_EQ(sparse_labels(at::zeros({2, 4}, at::kLong), y_pred, 1).sizes(),
            at::IntArrayRef({2, 4}));
  EXPECT_EQ(sparse_labels(at::zeros({2, 4, 1}, at::kLong), y_pred, -2).sizes(),
            at::IntArrayRef({2, 4}));
  EXPECT_EQ(sparse_labels(at::zeros({2, 3}, at::kLong), y_pred, -1).sizes(),
            at::IntArrayRef({2, 3}));
}

TEST(Labels, OfAnotherShapeOrThatAreNoIntegersAreErrors) {
  const auto y_pred = at::zeros({2, 3});
  for (const auto& shape :
       std::vector<std::vector<std::int64_t>>{{}, {3}, {2, 3}, {1, 2}, {2, 1, 1}, {0}}) {
    EXPECT_THAT(value_error([&] { sparse_labels(at::zeros(shape, at::kLong), y_pred, -1); }),
                AllOf(HasSubstr("y_true has shape"), HasSubstr("y_pred has shape [2, 3]"),
                      HasSubstr("expected labels of shape [2]")));
  }
  for (const float bad : {0.5f, -0.25f, std::nanf(""), 1e-30f}) {
    EXPECT_THAT(value_error([&] {
                  sparse_labels(torch::tensor({1.f, bad}), y_pred, -1);
                }),
                AllOf(HasSubstr("y_true"), HasSubstr("integers")));
  }
}

TEST(Labels, OutOfRangeAreErrorsThatNameTheFirst) {
  check_label_range(torch::tensor({0, 2, 1}, at::kLong), 3, std::nullopt);
  check_label_range(torch::tensor({0, -1, 1}, at::kLong), 3, -1);
  check_label_range(at::zeros({0}, at::kLong), 0, std::nullopt);
  EXPECT_THAT(value_error([] {
                check_label_range(torch::tensor({0, 7, -5}, at::kLong), 3, std::nullopt);
              }),
              AllOf(HasSubstr("y_true"), HasSubstr("label 7"), HasSubstr("[0, 3)")));
  EXPECT_THAT(value_error([] {
                check_label_range(torch::tensor({0, -1, 3}, at::kLong), 3, -1);
              }),
              AllOf(HasSubstr("label 3"), HasSubstr("or ignore_class -1")));
  EXPECT_FALSE(
      value_error([] { check_label_range(torch::tensor({0}, at::kLong), 0, {}); }).empty());
}

TEST(Labels, OnAnotherDeviceAreNotLookedAt) {
  const auto meta = at::zeros({2}, at::TensorOptions(at::kMeta).dtype(at::kFloat));
  const auto labels = sparse_labels(meta, at::zeros({2, 3}), -1);
  EXPECT_TRUE(labels.is_meta());
  check_label_range(labels, 3, std::nullopt);
}

TEST(Labels, RowsWithoutNaN) {
  const auto rows = torch::tensor({1.f, std::nanf(""), 2.f, 3.f, INFINITY, -INFINITY}).view({3, 2});
  EXPECT_TRUE(same_bits(rows_without_nan(rows), torch::tensor({0, 1, 1}).to(at::kBool)));
}

TEST(Probabilities, AreClippedInTheirOwnPrecision) {
  const auto wide = clip_probabilities(torch::tensor({-1., 0., 0.5, 1., 2.}, at::kDouble));
  EXPECT_TRUE(near(wide, torch::tensor({1e-7, 1e-7, 0.5, 1 - 1e-7, 1 - 1e-7}, at::kDouble), 0, 0));
  const auto narrow = clip_probabilities(torch::tensor({0.f, 1.f}));
  EXPECT_EQ(narrow[0].item<float>(), 1e-7f);
  EXPECT_EQ(narrow[1].item<float>(), 1 - 1.1920929e-7f);
  EXPECT_TRUE(clip_probabilities(torch::tensor({std::nanf("")})).isnan().item<bool>());
}

TEST(Probabilities, ARowOfZerosIsUniform) {
  const auto rows = torch::tensor({{2., 1., 1.}, {0., 0., 0.}, {0., 0., 5.}}, at::kDouble);
  EXPECT_TRUE(
      near(normalized(rows, -1),
           torch::tensor({{.5, .25, .25}, {1. / 3, 1. / 3, 1. / 3}, {0., 0., 1.}}, at::kDouble)));
  EXPECT_TRUE(near(normalized(rows.t(), 0), normalized(rows, -1).t()));
  const auto leaf = rows.clone().requires_grad_();
  normalized(leaf, -1).square().sum().backward();
  EXPECT_TRUE(leaf.grad().isfinite().all().item<bool>());
}

}  // namespace
}  // namespace assay
