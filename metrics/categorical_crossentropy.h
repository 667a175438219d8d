// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/mean_base.h>

namespace assay::metrics {

/// Options of `CategoricalCrossentropy`.
struct CategoricalCrossentropyOptions {
  static constexpr auto class_name = "CategoricalCrossentropy";
  bool from_logits = false;
  double label_smoothing = 0;
  std::int64_t axis = -1;
  std::string name = "categorical_crossentropy";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() {
    using Self = CategoricalCrossentropyOptions;
    return assay::fields(
        field("from_logits", &Self::from_logits, "Predictions are logits, not probabilities."),
        field("label_smoothing", &Self::label_smoothing,
              "Share of each label that is spread over all classes.", in_unit_interval),
        field("axis", &Self::axis, "The class axis."), metric_fields<Self>());
  }
};

/// The mean of `losses::categorical_crossentropy` over samples.
/// Source: keras.metrics.CategoricalCrossentropy.
class CategoricalCrossentropy final
    : public MetricOf<CategoricalCrossentropy, CategoricalCrossentropyOptions, MeanOfFunction> {
 public:
  using MetricOf::MetricOf;

 protected:
  losses::LossValues values(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

}  // namespace assay::metrics
