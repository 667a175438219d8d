// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/curve_base.h>

namespace assay::metrics {

/// Options of `ROCCurve`.
struct ROCCurveOptions {
  static constexpr auto class_name = "ROCCurve";
  std::int64_t num_thresholds = 200;
  OptionalNumbers thresholds = {};
  std::optional<std::int64_t> class_id = {};
  bool from_logits = false;
  std::string name = "roc_curve";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() {
    using Self = ROCCurveOptions;
    return assay::fields(curve_fields<Self>(),
                         field("class_id", &Self::class_id,
                               "Only this entry of the last axis is looked at.", an_entry),
                         field("from_logits", &Self::from_logits, "Whether y_pred holds logits."),
                         metric_fields<Self>());
  }
};

/// The points of the ROC curve: the true positive rate TP / (TP + FN) against the false positive
/// rate FP / (FP + TN), one point a threshold, in the order in which both grow.
///
/// Result: [3, thresholds], the rows being false positive rate, true positive rate, threshold; by
/// name: roc_curve_false_positive_rate, roc_curve_true_positive_rate, roc_curve_thresholds.
/// A point holds the scores strictly above its threshold. Thresholds are those of AUC: the first
/// point is (0, 0) and the last (1, 1), scores outside [0, 1] and NaN aside.
/// Variables: true_positives, false_positives, true_negatives, false_negatives.
/// Shapes and errors: see ThresholdCountsBase. Source: sklearn.metrics.roc_curve.
class ROCCurve final : public MetricOf<ROCCurve, ROCCurveOptions, CurveBase> {
 public:
  /// Errors: ValueError for an option out of its range.
  /// Given thresholds are sorted.
  explicit ROCCurve(ROCCurveOptions options = {});

 protected:
  const char* x_name() const override { return "false_positive_rate"; }
  const char* y_name() const override { return "true_positive_rate"; }
  at::Tensor x() const override;
  at::Tensor y() const override;
};

}  // namespace assay::metrics
