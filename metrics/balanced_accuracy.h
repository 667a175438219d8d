// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/confusion_base.h>

namespace assay::metrics {

/// Options of `BalancedAccuracy`.
struct BalancedAccuracyOptions {
  static constexpr auto class_name = "BalancedAccuracy";
  std::int64_t num_classes = 0;
  std::string name = "balanced_accuracy";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() {
    using Self = BalancedAccuracyOptions;
    return assay::fields(
        field("num_classes", &Self::num_classes, "Number of classes.", a_number_of_classes),
        metric_fields<Self>());
  }
};

/// The mean recall of the classes that occur as labels: accuracy as if all were equally frequent.
/// 0 before anything was counted.
///
/// Shapes, weights, errors: see ConfusionBase. Source: sklearn.metrics.balanced_accuracy_score.
class BalancedAccuracy final
    : public MetricOf<BalancedAccuracy, BalancedAccuracyOptions, ConfusionBase> {
 public:
  /// Errors: ValueError for an option out of its range.
  explicit BalancedAccuracy(Options options = {});

 protected:
  at::Tensor compute() const override;
};

}  // namespace assay::metrics
