// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/shapes.h>
#include <assay/metrics/correlation.h>

namespace assay::metrics {
namespace {

// Deviations from the mean along the last axis. The first entry is taken off beforehand: equal
// entries then deviate by exactly 0, which a rounded mean does not promise.
at::Tensor deviations(const at::Tensor& rows) {
  const auto from_first = rows - rows.narrow(-1, 0, 1);
  return from_first - from_first.mean(-1, /*keepdim=*/true);
}

}  // namespace

losses::LossValues correlation_values(const at::Tensor& y_true, const at::Tensor& y_pred,
                                      const IntegerOrList& axis,
                                      at::Tensor (*correlation)(const Moments& moments)) {
  const auto [true_given, pred_given] = align_same_shape(y_true, y_pred);
  const auto t = flatten_axes_last(true_given, axis).to(at::kDouble);
  const auto p = flatten_axes_last(pred_given, axis).to(at::kDouble);
  if (t.size(-1) == 0) {
    const auto nothing = t.sum(-1);
    return {nothing, at::zeros_like(nothing, at::kBool)};
  }
  const auto dt = deviations(t);
  const auto dp = deviations(p);
  return {correlation({.covariance = (dt * dp).mean(-1),
                       .variance_of_true = dt.square().mean(-1),
                       .variance_of_pred = dp.square().mean(-1),
                       .distance_of_means = t.mean(-1) - p.mean(-1)})};
}

}  // namespace assay::metrics
