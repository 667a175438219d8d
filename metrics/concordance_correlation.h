// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/core/options/number_or_list.h>
#include <assay/metrics/mean_base.h>

namespace assay::metrics {

/// Options of `ConcordanceCorrelation`.
struct ConcordanceCorrelationOptions {
  static constexpr auto class_name = "ConcordanceCorrelation";
  IntegerOrList axis = -1;
  std::string name = "concordance_correlation";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() {
    using Self = ConcordanceCorrelationOptions;
    return assay::fields(
        field("axis", &Self::axis, "The axis, or the axes, to correlate along; null: all."),
        metric_fields<Self>());
  }
};

/// The mean over samples of Lin's concordance correlation along `axis`:
/// 2 covariance(t, p) / (variance(t) + variance(p) + (mean(t) - mean(p))^2 + 1e-7), which is 1 only
/// where predictions equal labels, not where they are merely proportional.
///
/// Shapes: both [batch, d0 .. dN]. Errors: ValueError for shapes that differ, or that lack an axis.
/// Source: keras.metrics.ConcordanceCorrelation.
class ConcordanceCorrelation final
    : public MetricOf<ConcordanceCorrelation, ConcordanceCorrelationOptions, MeanOfFunction> {
 public:
  using MetricOf::MetricOf;

 protected:
  losses::LossValues values(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

}  // namespace assay::metrics
