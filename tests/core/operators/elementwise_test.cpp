// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/operators/elementwise.h>
#include <assay/tests/testing/check.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

namespace assay {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::same_bits;
using testing::value_error;

TEST(Elementwise, TheMeanOverTheLastAxisOfNothingIsZero) {
  EXPECT_TRUE(same_bits(mean_over_last_axis(torch::tensor({{1.f, 3.f}, {5.f, 7.f}})),
                        torch::tensor({2.f, 6.f})));
  EXPECT_TRUE(same_bits(mean_over_last_axis(at::full({}, 3.f)), at::full({}, 3.f)));
  EXPECT_TRUE(same_bits(mean_over_last_axis(at::zeros({2, 0})), at::zeros({2})));
  EXPECT_EQ(mean_over_last_axis(at::zeros({0, 3})).sizes(), at::IntArrayRef({0}));
}

TEST(Elementwise, AnAxisMovesToTheEnd) {
  const auto tensor = at::zeros({2, 3, 4});
  EXPECT_EQ(axis_last(tensor, 0).sizes(), at::IntArrayRef({3, 4, 2}));
  EXPECT_EQ(axis_last(tensor, -2).sizes(), at::IntArrayRef({2, 4, 3}));
  EXPECT_EQ(axis_last(tensor, -1).sizes(), at::IntArrayRef({2, 3, 4}));
  EXPECT_EQ(axis_last(at::zeros({}), -1).dim(), 0);
  for (const std::int64_t axis : {3L, -4L}) {
    EXPECT_THAT(value_error([&] { axis_last(tensor, axis); }),
                AllOf(HasSubstr("axis is " + std::to_string(axis)), HasSubstr("[2, 3, 4]")));
  }
  EXPECT_FALSE(value_error([] { axis_last(at::zeros({}), 1); }).empty());
}

}  // namespace
}  // namespace assay
