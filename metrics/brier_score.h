// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/mean_base.h>

namespace assay::metrics {

/// Options of `BrierScore`.
struct BrierScoreOptions {
  static constexpr auto class_name = "BrierScore";
  std::string name = "brier_score";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() { return metric_fields<BrierScoreOptions>(); }
};

/// The mean squared distance of probabilities from what happened: sum(w (t - p)^2) / sum(w), 0 for
/// a forecast that is always certain and right, 0.25 for one that always says one half.
///
/// Labels are 0 or 1, or probabilities. With one-hot labels the mean is over classes too: times the
/// number of classes it is Brier's own score for several classes.
/// Shapes: both [batch, d0 .. dN]. Errors: ValueError for shapes that differ.
/// Source: sklearn.metrics.brier_score_loss.
class BrierScore final : public MetricOf<BrierScore, BrierScoreOptions, MeanOfFunction> {
 public:
  using MetricOf::MetricOf;

 protected:
  losses::LossValues values(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

}  // namespace assay::metrics
