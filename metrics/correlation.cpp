// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/shapes.h>
#include <assay/metrics/correlation.h>

namespace assay::metrics {
losses::LossValues correlation_values(const at::Tensor& y_true, const at::Tensor& y_pred,
                                      const IntegerOrList& axis,
                                      at::Tensor (*correlation)(const Moments& moments)) {
  const auto [true_given, pred_given] = align_same_shape(y_true, y_pred);
  const auto t = flatten_axes_last(true_given, axis);
  const auto p = flatten_axes_last(pred_given, axis);
  if (t.size(-1) == 0) {
    const auto nothing = t.to(at::kDouble).sum(-1);
    return {nothing, at::zeros_like(nothing, at::kBool)};
  }
  return {correlation(moments_of_rows(t, p))};
}

}  // namespace assay::metrics
