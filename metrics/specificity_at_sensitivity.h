// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/best_at_base.h>

namespace assay::metrics {

/// Options of `SpecificityAtSensitivity`.
struct SpecificityAtSensitivityOptions {
  static constexpr auto class_name = "SpecificityAtSensitivity";
  double sensitivity = kNotGiven;
  std::int64_t num_thresholds = 200;
  std::optional<std::int64_t> class_id = {};
  std::string name = "specificity_at_sensitivity";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() {
    using Self = SpecificityAtSensitivityOptions;
    return assay::fields(field("sensitivity", &Self::sensitivity,
                               "The least recall that is accepted.", in_unit_interval),
                         best_at_fields<Self>(), metric_fields<Self>());
  }
};

/// The best specificity among the thresholds whose recall is at least `sensitivity`; 0 where there
/// is none.
///
///     metrics::SpecificityAtSensitivity metric({.sensitivity = 0.5});
///
/// specificity = tn / (tn + fp), recall, the sensitivity, = tp / (tp + fn).
/// Thresholds are 0, 1/(n-1), ..., 1, or 0.5 alone. Variables: true_positives, false_positives,
/// true_negatives, false_negatives. Shapes and errors: see ThresholdCountsBase.
/// Source: keras.metrics.SpecificityAtSensitivity.
class SpecificityAtSensitivity final
    : public MetricOf<SpecificityAtSensitivity, SpecificityAtSensitivityOptions, BestAtBase> {
 public:
  /// Errors: ValueError for an option out of its range, or no sensitivity.
  explicit SpecificityAtSensitivity(SpecificityAtSensitivityOptions options);

 protected:
  at::Tensor compute() const override {
    return best(specificity(), recall(), options().sensitivity);
  }
};

}  // namespace assay::metrics
