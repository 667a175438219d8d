// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/mean_base.h>

namespace assay::metrics {

/// Options of `MeanSquaredLogarithmicError`.
struct MeanSquaredLogarithmicErrorOptions {
  static constexpr auto class_name = "MeanSquaredLogarithmicError";
  std::string name = "mean_squared_logarithmic_error";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() { return metric_fields<MeanSquaredLogarithmicErrorOptions>(); }
};

/// The mean of `losses::mean_squared_logarithmic_error` over samples:
/// (log(1 + max(t, 1e-7)) - log(1 + max(p, 1e-7)))^2, averaged over the last axis.
///
/// Shapes: both [batch, d0 .. dN]. Errors: ValueError for shapes that differ.
/// Source: keras.metrics.MeanSquaredLogarithmicError.
class MeanSquaredLogarithmicError final
    : public MetricOf<MeanSquaredLogarithmicError, MeanSquaredLogarithmicErrorOptions,
                      MeanOfFunction> {
 public:
  using MetricOf::MetricOf;

 protected:
  losses::LossValues values(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

}  // namespace assay::metrics
