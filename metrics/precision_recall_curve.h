// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/curve_base.h>

namespace assay::metrics {

/// Options of `PrecisionRecallCurve`.
struct PrecisionRecallCurveOptions {
  static constexpr auto class_name = "PrecisionRecallCurve";
  std::int64_t num_thresholds = 200;
  OptionalNumbers thresholds = {};
  std::optional<std::int64_t> class_id = {};
  bool from_logits = false;
  std::string name = "precision_recall_curve";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() {
    using Self = PrecisionRecallCurveOptions;
    return assay::fields(curve_fields<Self>(),
                         field("class_id", &Self::class_id,
                               "Only this entry of the last axis is looked at.", an_entry),
                         field("from_logits", &Self::from_logits, "Whether y_pred holds logits."),
                         metric_fields<Self>());
  }
};

/// The points of the precision-recall curve: precision TP / (TP + FP) against recall
/// TP / (TP + FN), one point a threshold, in the order in which recall grows.
///
/// Where nothing is claimed the precision is 1, as scikit-learn draws it.
/// Result: [3, thresholds], the rows being recall, precision, threshold; by name:
/// precision_recall_curve_recall, precision_recall_curve_precision,
/// precision_recall_curve_thresholds. A point holds the scores strictly above its threshold.
/// Thresholds are those of AUC. Variables: true_positives, false_positives, false_negatives.
/// Shapes and errors: see ThresholdCountsBase. Source: sklearn.metrics.precision_recall_curve.
class PrecisionRecallCurve final
    : public MetricOf<PrecisionRecallCurve, PrecisionRecallCurveOptions, CurveBase> {
 public:
  /// Errors: ValueError for an option out of its range.
  /// Given thresholds are sorted.
  explicit PrecisionRecallCurve(PrecisionRecallCurveOptions options = {});

 protected:
  const char* x_name() const override { return "recall"; }
  const char* y_name() const override { return "precision"; }
  at::Tensor x() const override;
  at::Tensor y() const override;
};

}  // namespace assay::metrics
