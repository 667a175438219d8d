// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/threshold_counts_base.h>

namespace assay::metrics {

/// Options of `TruePositives`.
struct TruePositivesOptions {
  static constexpr auto class_name = "TruePositives";
  NumberOrList thresholds = {};
  std::string name = "true_positives";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() {
    using Self = TruePositivesOptions;
    return assay::fields(
        field("thresholds", &Self::thresholds,
              "Predictions strictly above count as 1; a number or a list, null: 0.5.",
              thresholds_in_unit_interval),
        metric_fields<Self>());
  }
};

/// The summed weights of positive labels that are claimed positive.
///
///     metric.update_state(y_true, y_pred);   // y_true != 0 and y_pred > threshold
///
/// Result: a scalar for one threshold, [thresholds] for several. Variable: accumulator.
/// Shapes and errors: see ThresholdCountsBase. Source: keras.metrics.TruePositives.
class TruePositives final
    : public MetricOf<TruePositives, TruePositivesOptions, ThresholdCountsBase> {
 public:
  /// Errors: ValueError for an option out of its range.
  explicit TruePositives(TruePositivesOptions options = {});

 protected:
  at::Tensor compute() const override { return per_threshold(count(kTruePositives)); }
};

}  // namespace assay::metrics
