// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/mean_base.h>

namespace assay::metrics {

struct PearsonCorrelationOptions {
  static constexpr auto class_name = "PearsonCorrelation";
  std::int64_t axis = -1;
  std::string name = "pearson_correlation";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() {
    using Self = PearsonCorrelationOptions;
    return assay::fields(field("axis", &Self::axis, "The axis that is correlated along."),
                         metric_fields<Self>());
  }
};

/// The mean over samples of Pearson's correlation along `axis`:
/// covariance(t, p) / sqrt(variance(t) variance(p)), from -1 to 1.
///
/// Unlike Keras, whose result is then NaN, a row that does not vary correlates by 0.
/// Shapes: both [batch, d0 .. dN]. Errors: ValueError for shapes that differ, or a missing axis.
/// Source: keras.metrics.PearsonCorrelation.
class PearsonCorrelation final
    : public MetricOf<PearsonCorrelation, PearsonCorrelationOptions, MeanOfFunction> {
 public:
  using MetricOf::MetricOf;

 protected:
  losses::LossValues values(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

}  // namespace assay::metrics
