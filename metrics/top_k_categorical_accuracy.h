// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/mean_base.h>

namespace assay::metrics {

/// Options of `TopKCategoricalAccuracy`.
struct TopKCategoricalAccuracyOptions {
  static constexpr auto class_name = "TopKCategoricalAccuracy";
  std::int64_t k = 5;
  std::string name = "top_k_categorical_accuracy";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() {
    using Self = TopKCategoricalAccuracyOptions;
    return assay::fields(
        field("k", &Self::k, "How many of the largest predictions are looked at.", at_least_one),
        metric_fields<Self>());
  }
};

/// The share of rows in which the class of the largest label is among the k largest predictions.
///
/// Shapes: both [batch, d0 .. dN], classes last. A tie with the k-th is in; a row with a NaN is a
/// miss (unlike Keras). Errors: ValueError for shapes that differ.
/// Source: keras.metrics.TopKCategoricalAccuracy.
class TopKCategoricalAccuracy final
    : public MetricOf<TopKCategoricalAccuracy, TopKCategoricalAccuracyOptions, MeanOfFunction> {
 public:
  using MetricOf::MetricOf;

 protected:
  losses::LossValues values(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

}  // namespace assay::metrics
