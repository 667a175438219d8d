// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/shapes.h>
#include <assay/tests/testing/check.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <vector>

namespace assay {
namespace {

using Shape = std::vector<std::int64_t>;
using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::same_bits;
using testing::value_error;

TEST(Shapes, AreDescribedForMessages) {
  EXPECT_EQ(describe(at::zeros({2, 3})), "float32 [2, 3]");
  EXPECT_EQ(describe(at::zeros({}, at::kLong)), "int64 []");
  EXPECT_EQ(describe(at::Tensor()), "nothing");
  EXPECT_EQ(describe(at::IntArrayRef({0, 1})), "[0, 1]");
}

struct Alignment {
  Shape a, b, aligned_a, aligned_b;
};

TEST(Shapes, RanksAlignByATrailingOne) {
  const std::vector<Alignment> table = {
      {{2, 3}, {2, 3}, {2, 3}, {2, 3}},
      {{2, 1}, {2}, {2, 1}, {2, 1}},
      {{2}, {2, 1}, {2, 1}, {2, 1}},
      {{2, 3, 1}, {2, 3}, {2, 3}, {2, 3}},
      {{2, 3}, {2, 3, 1}, {2, 3}, {2, 3}},
      {{1}, {}, {}, {}},
      {{}, {1}, {}, {}},
      // What does not differ by a trailing 1 stays as it is.
      {{2, 3}, {2}, {2, 3}, {2}},
      {{2, 3, 1}, {2}, {2, 3, 1}, {2}},
      {{0, 1}, {0}, {0, 1}, {0, 1}},
  };
  for (const auto& [a, b, aligned_a, aligned_b] : table) {
    ASSAY_TRACE(describe(a) << " and " << describe(b));
    const auto [x, y] = align_ranks(at::zeros(a), at::zeros(b));
    EXPECT_EQ(x.sizes(), at::IntArrayRef(aligned_a));
    EXPECT_EQ(y.sizes(), at::IntArrayRef(aligned_b));
  }
}

TEST(Shapes, LabelsAndPredictionsOfTwoShapesAreErrorsThatNameBoth) {
  for (const auto& [a, b] : std::vector<std::pair<Shape, Shape>>{
           {{2, 3}, {3, 2}}, {{2}, {3}}, {{2, 3}, {2}}, {{1, 3}, {2, 3}}, {{}, {2}}, {{0}, {1}}}) {
    ASSAY_TRACE(describe(a) << " and " << describe(b));
    EXPECT_THAT(value_error([&, &a = a, &b = b] { align_same_shape(at::zeros(a), at::zeros(b)); }),
                AllOf(HasSubstr("y_true has shape " + describe(a)),
                      HasSubstr("y_pred has shape " + describe(b))));
  }
}

struct WeightCase {
  Shape weight, values, aligned;
};

TEST(Shapes, WeightsAlignWithLeadingAxesThenBroadcast) {
  const std::vector<WeightCase> table = {
      {{}, {2, 3}, {}},
      {{}, {}, {}},
      {{2}, {2}, {2}},
      {{2}, {2, 3}, {2, 1}},
      {{2}, {2, 2}, {2, 1}},  // per sample, not per column
      {{2}, {2, 3, 4}, {2, 1, 1}},
      {{2, 3}, {2, 3, 4}, {2, 3, 1}},
      {{2, 1}, {2}, {2}},
      {{2, 3, 1}, {2, 3}, {2, 3}},
      {{1}, {}, {}},
      {{1, 3}, {2, 3}, {1, 3}},
      {{2, 1}, {2, 3}, {2, 1}},
      {{1}, {2, 3}, {1}},
      {{3}, {2, 3}, {3}},  // no leading axes: ordinary broadcasting
      {{1, 1}, {2, 3}, {1, 1}},
      {{0}, {0, 3}, {0, 1}},
      {{0}, {0}, {0}},
  };
  for (const auto& [weight, values, aligned] : table) {
    ASSAY_TRACE(describe(weight) << " for " << describe(values));
    const auto result = align_sample_weight(at::ones(weight, at::kDouble), at::zeros(values));
    EXPECT_EQ(result.sizes(), at::IntArrayRef(aligned));
    EXPECT_EQ(result.scalar_type(), at::kFloat) << "the values' type";
    EXPECT_EQ(at::mul(result, at::zeros(values)).sizes(), at::IntArrayRef(values));
    const auto mask = align_mask(at::ones(weight), at::zeros(values));
    EXPECT_EQ(mask.sizes(), at::IntArrayRef(aligned));
    EXPECT_EQ(mask.scalar_type(), at::kBool);
  }
}

TEST(Shapes, WeightsThatDoNotFitAreErrorsThatNameBothShapes) {
  for (const auto& [weight, values] : std::vector<std::pair<Shape, Shape>>{{{3}, {2}},
                                                                           {{3}, {2, 2}},
                                                                           {{2, 3}, {3, 2}},
                                                                           {{2, 2}, {2}},
                                                                           {{2}, {}},
                                                                           {{2, 3, 2}, {2, 3}},
                                                                           {{2, 3, 1, 1}, {2, 3}},
                                                                           {{0}, {2}},
                                                                           {{2}, {0}},
                                                                           {{2, 2, 2}, {2}}}) {
    ASSAY_TRACE(describe(weight) << " for " << describe(values));
    EXPECT_THAT(value_error([&, &w = weight, &v = values] {
                  align_sample_weight(at::ones(w), at::zeros(v));
                }),
                AllOf(HasSubstr("sample_weight has shape " + describe(weight)),
                      HasSubstr("values of shape " + describe(values))));
    EXPECT_THAT(
        value_error([&, &w = weight, &v = values] { align_mask(at::ones(w), at::zeros(v)); }),
        HasSubstr("mask has shape " + describe(weight)));
  }
}

TEST(Shapes, WeightsOnAnotherDeviceAreErrorsScalarsAside) {
  const auto values = at::zeros({2}, at::TensorOptions(at::kMeta));
  EXPECT_THAT(value_error([&] { align_sample_weight(at::ones({2}), values); }),
              AllOf(HasSubstr("sample_weight"), HasSubstr("cpu"), HasSubstr("meta")));
  EXPECT_TRUE(align_sample_weight(at::ones({}), values).is_meta());
}

TEST(Shapes, AlignmentViewsAndCopiesNothingThatFits) {
  const auto weight = at::ones({2});
  const auto aligned = align_sample_weight(weight, at::zeros({2, 3}));
  EXPECT_EQ(aligned.const_data_ptr(), weight.const_data_ptr());
  const auto labels = at::zeros({2, 3, 1});
  EXPECT_EQ(align_ranks(labels, at::zeros({2, 3})).first.const_data_ptr(), labels.const_data_ptr());
}

}  // namespace
}  // namespace assay
