// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/operators/moments.h>
#include <gtest/gtest.h>

namespace assay::testing {
namespace {

void expect_near(const at::Tensor& got, const at::Tensor& want, double scale) {
  EXPECT_LE((got - want).abs().max().item<double>(), 1e-12 * scale) << got << " for " << want;
}

TEST(Moments, OfLongRowsAreThoseOfTwoReadings) {
  const auto noise = at::sin(at::arange(2 * 50000, at::kDouble) * 12.9898).view({2, 50000});
  // A mean far from 0, and a trend, so that no part of a row has its mean.
  const auto trend = at::linspace(-3, 5, 50000, at::kDouble);
  const auto t = noise + trend + 1e4;
  const auto p = noise.flip(1) - 2 * trend - 1e5;
  const auto moments = moments_of_rows(t, p);
  const auto dt = t - t.mean(-1, true);
  const auto dp = p - p.mean(-1, true);
  expect_near(moments.covariance, (dt * dp).mean(-1), 10);
  expect_near(moments.variance_of_true, dt.square().mean(-1), 10);
  expect_near(moments.variance_of_pred, dp.square().mean(-1), 30);
  expect_near(moments.distance_of_means, t.mean(-1) - p.mean(-1), 1e5);
}

TEST(Moments, LongRowsOfEqualEntriesDoNotDeviate) {
  const auto t = at::full({40000}, 0.1, at::kFloat);
  const auto p = at::full({40000}, 1.0 / 3, at::kFloat);
  const auto moments = moments_of_rows(t, p);
  EXPECT_EQ(moments.covariance.item<double>(), 0);
  EXPECT_EQ(moments.variance_of_true.item<double>(), 0);
  EXPECT_EQ(moments.variance_of_pred.item<double>(), 0);
  EXPECT_EQ(moments.distance_of_means.item<double>(), double(0.1F) - double(1.0F / 3));
}

}  // namespace
}  // namespace assay::testing
