// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/mean_base.h>

namespace assay::metrics {

/// Options of `MeanAbsolutePercentageError`.
struct MeanAbsolutePercentageErrorOptions {
  static constexpr auto class_name = "MeanAbsolutePercentageError";
  std::string name = "mean_absolute_percentage_error";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() { return metric_fields<MeanAbsolutePercentageErrorOptions>(); }
};

/// The mean of `losses::mean_absolute_percentage_error` over samples:
/// 100 |t - p| / max(|t|, 1e-7), averaged over the last axis.
///
/// Shapes: both [batch, d0 .. dN]. Errors: ValueError for shapes that differ.
/// Source: keras.metrics.MeanAbsolutePercentageError.
class MeanAbsolutePercentageError final
    : public MetricOf<MeanAbsolutePercentageError, MeanAbsolutePercentageErrorOptions,
                      MeanOfFunction> {
 public:
  using MetricOf::MetricOf;

 protected:
  losses::LossValues values(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

}  // namespace assay::metrics
