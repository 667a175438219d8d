// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/ATen.h>

namespace assay::metrics {

/// numerator / denominator in float64, and 0 where the denominator is 0: the metrics of nothing.
inline at::Tensor quotient(const at::Tensor& numerator, const at::Tensor& denominator) {
  const auto nothing = denominator.eq(0);
  return at::where(nothing, 0.0, numerator / at::where(nothing, 1.0, denominator));
}

}  // namespace assay::metrics
