// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/best_at_base.h>

namespace assay::metrics {

/// Options of `PrecisionAtRecall`.
struct PrecisionAtRecallOptions {
  static constexpr auto class_name = "PrecisionAtRecall";
  double recall = kNotGiven;
  std::int64_t num_thresholds = 200;
  std::optional<std::int64_t> class_id = {};
  std::string name = "precision_at_recall";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() {
    using Self = PrecisionAtRecallOptions;
    return assay::fields(
        field("recall", &Self::recall, "The least recall that is accepted.", in_unit_interval),
        best_at_fields<Self>(), metric_fields<Self>());
  }
};

/// The best precision among the thresholds whose recall is at least `recall`; 0 where there is
/// none.
///
///     metrics::PrecisionAtRecall metric({.recall = 0.5});
///
/// precision = tp / (tp + fp), recall = tp / (tp + fn).
/// Thresholds are 0, 1/(n-1), ..., 1, or 0.5 alone. Variables: true_positives, false_positives,
/// true_negatives, false_negatives. Shapes and errors: see ThresholdCountsBase.
/// Source: keras.metrics.PrecisionAtRecall.
class PrecisionAtRecall final
    : public MetricOf<PrecisionAtRecall, PrecisionAtRecallOptions, BestAtBase> {
 public:
  /// Errors: ValueError for an option out of its range, or no recall.
  explicit PrecisionAtRecall(PrecisionAtRecallOptions options);

 protected:
  at::Tensor compute() const override { return best(precision(), recall(), options().recall); }
};

}  // namespace assay::metrics
