// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/mean_base.h>

namespace assay::metrics {

/// Options of `BinaryAccuracy`.
struct BinaryAccuracyOptions {
  static constexpr auto class_name = "BinaryAccuracy";
  double threshold = 0.5;
  std::string name = "binary_accuracy";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() {
    using Self = BinaryAccuracyOptions;
    return assay::fields(field("threshold", &Self::threshold,
                               "Predictions strictly above it count as 1.", in_unit_interval),
                         metric_fields<Self>());
  }
};

/// The share of predictions whose side of `threshold` equals their label (0 or 1).
///
/// Shapes: both [batch, d0 .. dN]. A NaN is a miss. Source: keras.metrics.BinaryAccuracy.
class BinaryAccuracy final
    : public MetricOf<BinaryAccuracy, BinaryAccuracyOptions, MeanOfFunction> {
 public:
  using MetricOf::MetricOf;

 protected:
  losses::LossValues values(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

}  // namespace assay::metrics
