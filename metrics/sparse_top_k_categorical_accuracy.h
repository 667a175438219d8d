// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/mean_base.h>

namespace assay::metrics {

/// Options of `SparseTopKCategoricalAccuracy`.
struct SparseTopKCategoricalAccuracyOptions {
  static constexpr auto class_name = "SparseTopKCategoricalAccuracy";
  std::int64_t k = 5;
  bool from_sorted_ids = false;
  std::string name = "sparse_top_k_categorical_accuracy";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() {
    using Self = SparseTopKCategoricalAccuracyOptions;
    // Keras takes `from_sorted_ids`, but leaves it out of its configuration.
    return assay::fields(
        field("k", &Self::k, "How many of the largest predictions are looked at.", at_least_one),
        field("from_sorted_ids", &Self::from_sorted_ids,
              "Predictions are class ids, the best first, not one score a class.")
            .beyond_keras(),
        metric_fields<Self>());
  }
};

/// The share of rows whose integer label is among the k largest predictions, or, with
/// `from_sorted_ids`, among the first k of the ids that are given.
///
/// Shapes: y_pred [batch, d0 .. dN], classes (or ids) last; y_true the same without the last axis,
/// or with a trailing 1. A tie with the k-th is in; a row with a NaN is a miss, and a label out of
/// range a ValueError (unlike Keras, where both can count as hits; ids have no range).
/// Source: keras.metrics.SparseTopKCategoricalAccuracy.
class SparseTopKCategoricalAccuracy final
    : public MetricOf<SparseTopKCategoricalAccuracy, SparseTopKCategoricalAccuracyOptions,
                      MeanOfFunction> {
 public:
  using MetricOf::MetricOf;

 protected:
  losses::LossValues values(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

}  // namespace assay::metrics
