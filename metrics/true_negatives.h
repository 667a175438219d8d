// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/threshold_counts_base.h>

namespace assay::metrics {

/// Options of `TrueNegatives`.
struct TrueNegativesOptions {
  static constexpr auto class_name = "TrueNegatives";
  NumberOrList thresholds = {};
  std::string name = "true_negatives";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() {
    using Self = TrueNegativesOptions;
    return assay::fields(
        field("thresholds", &Self::thresholds,
              "Predictions strictly above count as 1; a number or a list, null: 0.5.",
              thresholds_in_unit_interval),
        metric_fields<Self>());
  }
};

/// The summed weights of negative labels that are not claimed positive.
///
///     metric.update_state(y_true, y_pred);   // y_true == 0 and not y_pred > threshold
///
/// Result: a scalar for one threshold, [thresholds] for several. Variable: accumulator.
/// Shapes and errors: see ThresholdCountsBase. Source: keras.metrics.TrueNegatives.
class TrueNegatives final
    : public MetricOf<TrueNegatives, TrueNegativesOptions, ThresholdCountsBase> {
 public:
  /// Errors: ValueError for an option out of its range.
  explicit TrueNegatives(TrueNegativesOptions options = {});

 protected:
  at::Tensor compute() const override { return per_threshold(count(kTrueNegatives)); }
};

}  // namespace assay::metrics
