// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/best_at_base.h>

namespace assay::metrics {

/// Options of `SensitivityAtSpecificity`.
struct SensitivityAtSpecificityOptions {
  static constexpr auto class_name = "SensitivityAtSpecificity";
  double specificity = kNotGiven;
  std::int64_t num_thresholds = 200;
  std::optional<std::int64_t> class_id = {};
  std::string name = "sensitivity_at_specificity";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() {
    using Self = SensitivityAtSpecificityOptions;
    return assay::fields(field("specificity", &Self::specificity,
                               "The least specificity that is accepted.", in_unit_interval),
                         best_at_fields<Self>(), metric_fields<Self>());
  }
};

/// The best recall among the thresholds whose specificity is at least `specificity`; 0 where there
/// is none.
///
///     metrics::SensitivityAtSpecificity metric({.specificity = 0.5});
///
/// recall, the sensitivity, = tp / (tp + fn), specificity = tn / (tn + fp).
/// Thresholds are 0, 1/(n-1), ..., 1, or 0.5 alone. Variables: true_positives, false_positives,
/// true_negatives, false_negatives. Shapes and errors: see ThresholdCountsBase.
/// Source: keras.metrics.SensitivityAtSpecificity.
class SensitivityAtSpecificity final
    : public MetricOf<SensitivityAtSpecificity, SensitivityAtSpecificityOptions, BestAtBase> {
 public:
  /// Errors: ValueError for an option out of its range, or no specificity.
  explicit SensitivityAtSpecificity(SensitivityAtSpecificityOptions options);

 protected:
  at::Tensor compute() const override {
    return best(recall(), specificity(), options().specificity);
  }
};

}  // namespace assay::metrics
