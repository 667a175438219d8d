// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/mean_base.h>

namespace assay::metrics {

/// Options of `CategoricalAccuracy`.
struct CategoricalAccuracyOptions {
  static constexpr auto class_name = "CategoricalAccuracy";
  std::string name = "categorical_accuracy";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() { return metric_fields<CategoricalAccuracyOptions>(); }
};

/// The share of rows whose largest prediction stands where the largest label stands.
///
/// Shapes: both [batch, d0 .. dN], classes last. Of equal values the first counts as the largest; a
/// row with a NaN is a miss (unlike Keras). Source: keras.metrics.CategoricalAccuracy.
class CategoricalAccuracy final
    : public MetricOf<CategoricalAccuracy, CategoricalAccuracyOptions, MeanOfFunction> {
 public:
  using MetricOf::MetricOf;

 protected:
  losses::LossValues values(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

}  // namespace assay::metrics
