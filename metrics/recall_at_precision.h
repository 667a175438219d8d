// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/best_at_base.h>

namespace assay::metrics {

/// Options of `RecallAtPrecision`.
struct RecallAtPrecisionOptions {
  static constexpr auto class_name = "RecallAtPrecision";
  double precision = kNotGiven;
  std::int64_t num_thresholds = 200;
  std::optional<std::int64_t> class_id = {};
  std::string name = "recall_at_precision";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() {
    using Self = RecallAtPrecisionOptions;
    return assay::fields(field("precision", &Self::precision,
                               "The least precision that is accepted.", in_unit_interval),
                         best_at_fields<Self>(), metric_fields<Self>());
  }
};

/// The best recall among the thresholds whose precision is at least `precision`; 0 where there is
/// none.
///
///     metrics::RecallAtPrecision metric({.precision = 0.5});
///
/// recall = tp / (tp + fn), precision = tp / (tp + fp).
/// Thresholds are 0, 1/(n-1), ..., 1, or 0.5 alone. Variables: true_positives, false_positives,
/// true_negatives, false_negatives. Shapes and errors: see ThresholdCountsBase.
/// Source: keras.metrics.RecallAtPrecision.
class RecallAtPrecision final
    : public MetricOf<RecallAtPrecision, RecallAtPrecisionOptions, BestAtBase> {
 public:
  /// Errors: ValueError for an option out of its range, or no precision.
  explicit RecallAtPrecision(RecallAtPrecisionOptions options);

 protected:
  at::Tensor compute() const override { return best(recall(), precision(), options().precision); }
};

}  // namespace assay::metrics
