// SPDX-License-Identifier: Apache-2.0
// The best of one quotient where another is large enough: PrecisionAtRecall and its like.
#pragma once
#include <assay/metrics/threshold_counts_base.h>

#include <limits>

namespace assay::metrics {

/// An option without a default: it breaks every rule, so that it must be given.
inline constexpr double kNotGiven = std::numeric_limits<double>::quiet_NaN();

/// The fields that all of these metrics have, after the constraint.
template <class Options>
constexpr auto best_at_fields() {
  return fields(field("num_thresholds", &Options::num_thresholds, "How many thresholds are tried.",
                      at_least_one),
                field("class_id", &Options::class_id,
                      "Only this entry of the last axis is looked at.", an_entry));
}

/// The largest value of one quotient among the thresholds at which another is large enough.
/// Source: keras.src.metrics.confusion_metrics (`SensitivitySpecificityBase`).
class BestAtBase : public ThresholdCountsBase {
 protected:
  using ThresholdCountsBase::ThresholdCountsBase;

  /// Counts at so many evenly spaced thresholds; called once, by the constructor of a metric.
  void keep_at(std::int64_t num_thresholds, std::optional<std::int64_t> class_id);

  /// The largest `wanted` where `constrained >= least`, 0 where that is nowhere; NaN where a
  /// quotient is.
  static at::Tensor best(const at::Tensor& wanted, const at::Tensor& constrained, double least);
};

}  // namespace assay::metrics
