// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/mean_base.h>

namespace assay::metrics {

/// Options of `SparseCategoricalCrossentropy`.
struct SparseCategoricalCrossentropyOptions {
  static constexpr auto class_name = "SparseCategoricalCrossentropy";
  bool from_logits = false;
  std::optional<std::int64_t> ignore_class;
  std::int64_t axis = -1;
  std::string name = "sparse_categorical_crossentropy";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() {
    using Self = SparseCategoricalCrossentropyOptions;
    return assay::fields(
        field("from_logits", &Self::from_logits, "Predictions are logits, not probabilities."),
        field("ignore_class", &Self::ignore_class, "Label whose rows leave the metric."),
        field("axis", &Self::axis, "The class axis of the predictions."), metric_fields<Self>());
  }
};

/// The mean of `losses::sparse_categorical_crossentropy` over samples; ignored rows leave the
/// count. Source: keras.metrics.SparseCategoricalCrossentropy.
class SparseCategoricalCrossentropy final
    : public MetricOf<SparseCategoricalCrossentropy, SparseCategoricalCrossentropyOptions,
                      MeanOfFunction> {
 public:
  using MetricOf::MetricOf;

  SharedCounts shared_counts() const override;

 protected:
  losses::LossValues values(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

}  // namespace assay::metrics
