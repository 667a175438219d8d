// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/ATen.h>

#pragma GCC visibility push(hidden)
namespace assay::metrics {

/// numerator / denominator in float64, and 0 where the denominator is 0: the metrics of nothing.
inline at::Tensor quotient(const at::Tensor& numerator, const at::Tensor& denominator) {
  // A few numbers on the host: a loop is ten times faster than four operators.
  const auto simple = [](const at::Tensor& tensor) {
    return tensor.is_cpu() && tensor.scalar_type() == at::kDouble && tensor.is_contiguous();
  };
  if (simple(numerator) && simple(denominator) && numerator.sizes() == denominator.sizes()) {
    const auto result = at::empty(numerator.sizes(), numerator.options());
    const auto* above = numerator.const_data_ptr<double>();
    const auto* below = denominator.const_data_ptr<double>();
    auto* to = result.mutable_data_ptr<double>();
    for (std::int64_t i = 0; i < result.numel(); ++i) {
      to[i] = below[i] == 0 ? 0.0 : above[i] / below[i];
    }
    return result;
  }
  const auto nothing = denominator.eq(0);
  return at::where(nothing, 0.0, numerator / at::where(nothing, 1.0, denominator));
}

/// The same of two numbers.
inline double quotient(double numerator, double denominator) {
  return denominator == 0 ? 0.0 : numerator / denominator;
}

}  // namespace assay::metrics
#pragma GCC visibility pop
