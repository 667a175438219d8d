// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/mean_base.h>

namespace assay::metrics {

/// Options of `LogCoshError`.
struct LogCoshErrorOptions {
  static constexpr auto class_name = "LogCoshError";
  std::string name = "logcosh";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() { return metric_fields<LogCoshErrorOptions>(); }
};

/// The mean of `losses::log_cosh` over samples: log(cosh(p - t)), averaged over the last axis.
///
/// Shapes: both [batch, d0 .. dN]. Errors: ValueError for shapes that differ.
/// Source: keras.metrics.LogCoshError.
class LogCoshError final : public MetricOf<LogCoshError, LogCoshErrorOptions, MeanOfFunction> {
 public:
  using MetricOf::MetricOf;

 protected:
  losses::LossValues values(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

}  // namespace assay::metrics
