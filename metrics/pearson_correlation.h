// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/core/options/number_or_list.h>
#include <assay/metrics/mean_base.h>

namespace assay::metrics {

/// Options of `PearsonCorrelation`.
struct PearsonCorrelationOptions {
  static constexpr auto class_name = "PearsonCorrelation";
  IntegerOrList axis = -1;
  std::string name = "pearson_correlation";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() {
    using Self = PearsonCorrelationOptions;
    return assay::fields(
        field("axis", &Self::axis, "The axis, or the axes, to correlate along; null: all."),
        metric_fields<Self>());
  }
};

/// The mean over samples of Pearson's correlation along `axis`:
/// covariance(t, p) / sqrt(variance(t) variance(p)), from -1 to 1.
///
/// Unlike Keras, whose result is then NaN, a row that does not vary correlates by 0.
/// Shapes: both [batch, d0 .. dN]. Errors: ValueError for shapes that differ, or that lack an axis.
/// Source: keras.metrics.PearsonCorrelation.
class PearsonCorrelation final
    : public MetricOf<PearsonCorrelation, PearsonCorrelationOptions, MeanOfFunction> {
 public:
  using MetricOf::MetricOf;

 protected:
  losses::LossValues values(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

}  // namespace assay::metrics
