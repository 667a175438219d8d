// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/threshold_counts_base.h>

namespace assay::metrics {

/// Options of `Precision`.
struct PrecisionOptions {
  static constexpr auto class_name = "Precision";
  NumberOrList thresholds = {};
  std::optional<std::int64_t> top_k = {};
  std::optional<std::int64_t> class_id = {};
  std::string name = "precision";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() {
    using Self = PrecisionOptions;
    return assay::fields(
        field("thresholds", &Self::thresholds,
              "Predictions strictly above count as 1; a number or a list, null: 0.5, or with top_k "
              "none.",
              thresholds_in_unit_interval),
        field("top_k", &Self::top_k, "Only the row's k largest predictions count as 1.",
              a_number_of_entries),
        field("class_id", &Self::class_id, "Only this entry of the last axis is looked at.",
              an_entry),
        metric_fields<Self>());
  }
};

/// The share of positive claims that are right:
/// true_positives / (true_positives + false_positives), 0 where there is none.
///
///     metric.update_state({0, 1, 1, 1}, {1, 0, 1, 1});   // 2 / 3
///
/// With `top_k` a prediction is claimed positive where it is among the row's k largest, ties with
/// the k-th included (Keras: the first of them), and above the threshold where one is given.
/// For predictions that are logits give `thresholds` 0.
/// Result: a scalar for one threshold, [thresholds] for several. Variables: true_positives,
/// false_positives. Shapes and errors: see ThresholdCountsBase. Source: keras.metrics.Precision.
class Precision final : public MetricOf<Precision, PrecisionOptions, ThresholdCountsBase> {
 public:
  /// Errors: ValueError for an option out of its range.
  explicit Precision(PrecisionOptions options = {});

 protected:
  at::Tensor compute() const override { return per_threshold(precision()); }
};

}  // namespace assay::metrics
