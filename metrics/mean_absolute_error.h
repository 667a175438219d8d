// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/mean_base.h>

namespace assay::metrics {

/// Options of `MeanAbsoluteError`.
struct MeanAbsoluteErrorOptions {
  static constexpr auto class_name = "MeanAbsoluteError";
  std::string name = "mean_absolute_error";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() { return metric_fields<MeanAbsoluteErrorOptions>(); }
};

/// The mean of `losses::mean_absolute_error` over samples.
/// Source: keras.metrics.MeanAbsoluteError.
class MeanAbsoluteError final
    : public MetricOf<MeanAbsoluteError, MeanAbsoluteErrorOptions, MeanOfFunction> {
 public:
  using MetricOf::MetricOf;

 protected:
  losses::LossValues values(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

}  // namespace assay::metrics
