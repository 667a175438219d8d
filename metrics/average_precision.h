// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/curve_base.h>

namespace assay::metrics {

/// Options of `AveragePrecision`.
struct AveragePrecisionOptions {
  static constexpr auto class_name = "AveragePrecision";
  std::int64_t num_thresholds = 200;
  OptionalNumbers thresholds = {};
  std::optional<std::int64_t> class_id = {};
  bool from_logits = false;
  std::string name = "average_precision";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() {
    using Self = AveragePrecisionOptions;
    return assay::fields(curve_fields<Self>(),
                         field("class_id", &Self::class_id,
                               "Only this entry of the last axis is looked at.", an_entry),
                         field("from_logits", &Self::from_logits, "Whether y_pred holds logits."),
                         metric_fields<Self>());
  }
};

/// Average precision: sum over thresholds, from the highest to the lowest, of
/// (R_i - R_(i-1)) P_i.
///
/// It is scikit-learn's where the thresholds tell all scores apart, and otherwise that of scores
/// rounded up to the next threshold. Unlike AUC of the PR curve it interpolates nothing.
/// Thresholds are those of AUC. Variables: true_positives, false_positives, false_negatives.
/// Shapes and errors: see ThresholdCountsBase. Source: sklearn.metrics.average_precision_score.
class AveragePrecision final
    : public MetricOf<AveragePrecision, AveragePrecisionOptions, ThresholdCountsBase> {
 public:
  /// Errors: ValueError for an option out of its range.
  /// Given thresholds are sorted.
  explicit AveragePrecision(AveragePrecisionOptions options = {});

 protected:
  at::Tensor compute() const override;
};

}  // namespace assay::metrics
