// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/shapes.h>
#include <assay/metrics/correlation.h>

namespace assay::metrics {
losses::LossValues correlation_values(const at::Tensor& y_true, const at::Tensor& y_pred,
                                      const IntegerOrList& axis, const Correlation& correlation) {
  const auto [true_given, pred_given] = align_same_shape(y_true, y_pred);
  const auto t = flatten_axes_last(true_given, axis);
  const auto p = flatten_axes_last(pred_given, axis);
  if (t.size(-1) == 0) {
    const auto nothing = t.to(at::kDouble).sum(-1);
    return {nothing, at::zeros_like(nothing, at::kBool)};
  }
  const auto moments = moments_of_rows(t, p);
  if (!t.is_cpu()) {
    return {correlation.of_tensors({moments.covariance, moments.variance_of_true,
                                    moments.variance_of_pred, moments.distance_of_means})};
  }
  const auto values = at::empty_like(moments.covariance);
  for (std::int64_t row = 0; row < values.numel(); ++row) {
    const auto at = [row](const at::Tensor& tensor) {
      return tensor.const_data_ptr<double>()[row];
    };
    values.mutable_data_ptr<double>()[row] =
        correlation.of_row({at(moments.covariance), at(moments.variance_of_true),
                            at(moments.variance_of_pred), at(moments.distance_of_means)});
  }
  return {values};
}

}  // namespace assay::metrics
