// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/mean_base.h>

namespace assay::metrics {

/// Options of `RootMeanSquaredError`.
struct RootMeanSquaredErrorOptions {
  static constexpr auto class_name = "RootMeanSquaredError";
  std::string name = "root_mean_squared_error";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() { return metric_fields<RootMeanSquaredErrorOptions>(); }
};

/// The square root of the mean squared error: sqrt(sum(w (t - p)^2) / sum(w)).
///
/// The mean is over entries, so that a weight of any shape that broadcasts to them counts, and an
/// update of rank 1 is one sample an entry (MeanSquaredError takes it for a single sample).
/// Shapes: both [batch, d0 .. dN]. Errors: ValueError for shapes that differ.
/// Source: keras.metrics.RootMeanSquaredError.
class RootMeanSquaredError final
    : public MetricOf<RootMeanSquaredError, RootMeanSquaredErrorOptions, MeanOfFunction> {
 public:
  using MetricOf::MetricOf;

 protected:
  losses::LossValues values(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
  at::Tensor compute() const override { return MeanOfFunction::compute().sqrt(); }
};

}  // namespace assay::metrics
