// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/mean_base.h>

namespace assay::metrics {

/// Options of `BinaryCrossentropy`.
struct BinaryCrossentropyOptions {
  static constexpr auto class_name = "BinaryCrossentropy";
  bool from_logits = false;
  double label_smoothing = 0;
  std::string name = "binary_crossentropy";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() {
    using Self = BinaryCrossentropyOptions;
    return assay::fields(
        field("from_logits", &Self::from_logits, "Predictions are logits, not probabilities."),
        field("label_smoothing", &Self::label_smoothing,
              "Labels move by this share towards one half.", in_unit_interval),
        metric_fields<Self>());
  }
};

/// The mean of `losses::binary_crossentropy` over samples.
/// Source: keras.metrics.BinaryCrossentropy.
class BinaryCrossentropy final
    : public MetricOf<BinaryCrossentropy, BinaryCrossentropyOptions, MeanOfFunction> {
 public:
  using MetricOf::MetricOf;

 protected:
  losses::LossValues values(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

}  // namespace assay::metrics
