// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/mean_base.h>

namespace assay::metrics {

/// Options of `Accuracy`.
struct AccuracyOptions {
  static constexpr auto class_name = "Accuracy";
  std::string name = "accuracy";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() { return metric_fields<AccuracyOptions>(); }
};

/// The share of predictions that equal their labels.
///
/// Shapes: both [batch, d0 .. dN]. Source: keras.metrics.Accuracy.
class Accuracy final : public MetricOf<Accuracy, AccuracyOptions, MeanOfFunction> {
 public:
  using MetricOf::MetricOf;

 protected:
  losses::LossValues values(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

}  // namespace assay::metrics
