// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/mean_base.h>

namespace assay::metrics {

/// Options of `MeanSquaredError`.
struct MeanSquaredErrorOptions {
  static constexpr auto class_name = "MeanSquaredError";
  std::string name = "mean_squared_error";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() { return metric_fields<MeanSquaredErrorOptions>(); }
};

/// The mean of `losses::mean_squared_error` over samples.
/// Source: keras.metrics.MeanSquaredError.
class MeanSquaredError final
    : public MetricOf<MeanSquaredError, MeanSquaredErrorOptions, MeanOfFunction> {
 public:
  using MetricOf::MetricOf;

 protected:
  losses::LossValues values(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

}  // namespace assay::metrics
