// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <ATen/autocast_mode.h>
#include <assay/core/dtype.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace assay {
namespace {

TEST(Dtype, NamesComeBack) {
  std::set<at::ScalarType> types;
  for (const auto& name : dtype_names()) {
    const auto dtype = dtype_from_name(name);
    ASSERT_TRUE(dtype.has_value()) << name;
    EXPECT_EQ(dtype_name(*dtype), name);
    EXPECT_TRUE(types.insert(*dtype).second) << name;
  }
  for (const auto* name : {"float16", "bfloat16", "float32", "float64", "int32", "int64", "bool"}) {
    EXPECT_THAT(dtype_names(), ::testing::Contains(name));
  }
}

TEST(Dtype, UnknownNamesHaveNone) {
  for (const auto* name : {"", "float", "Float32", "float32 ", "double", "half", "f32"}) {
    EXPECT_FALSE(dtype_from_name(name).has_value()) << name;
  }
}

TEST(Dtype, TypesWithoutANameOfNumPyStillPrint) {
  EXPECT_FALSE(dtype_name(at::ScalarType::QInt8).empty());
  EXPECT_FALSE(dtype_name(at::ScalarType::Undefined).empty());
}

TEST(Dtype, ComputationRunsInFloat64ForFloat64AndInFloat32ForTheRest) {
  EXPECT_EQ(compute_dtype(at::kDouble), at::kDouble);
  for (const auto dtype : {at::kFloat, at::kHalf, at::kBFloat16, at::kLong, at::kByte, at::kBool}) {
    EXPECT_EQ(compute_dtype(dtype), at::kFloat);
    EXPECT_EQ(to_compute(at::ones({2}, dtype)).scalar_type(), at::kFloat);
  }
}

TEST(Dtype, ResultsHaveThePredictionsFloatingType) {
  for (const auto dtype : {at::kDouble, at::kFloat, at::kHalf, at::kBFloat16}) {
    EXPECT_EQ(result_dtype(at::ones({2}, dtype)), dtype);
  }
  for (const auto dtype : {at::kLong, at::kInt, at::kByte, at::kBool}) {
    EXPECT_EQ(result_dtype(at::ones({2}, dtype)), at::kFloat);
  }
}

TEST(Dtype, ResultsAreAtLeastFloat32UnderAutocast) {
  at::autocast::set_autocast_enabled(at::kCPU, true);
  const auto half = result_dtype(at::ones({2}, at::kHalf));
  const auto exact = result_dtype(at::ones({2}, at::kDouble));
  at::autocast::set_autocast_enabled(at::kCPU, false);
  EXPECT_EQ(half, at::kFloat);
  EXPECT_EQ(exact, at::kDouble);
}

}  // namespace
}  // namespace assay
