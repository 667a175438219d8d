// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/mean_base.h>

namespace assay::metrics {

/// Options of `SparseCategoricalAccuracy`.
struct SparseCategoricalAccuracyOptions {
  static constexpr auto class_name = "SparseCategoricalAccuracy";
  std::string name = "sparse_categorical_accuracy";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() { return metric_fields<SparseCategoricalAccuracyOptions>(); }
};

/// The share of rows whose largest prediction stands at their integer label.
///
/// Shapes: y_pred [batch, d0 .. dN], classes last; y_true the same without the last axis, or with a
/// trailing 1. Of equal values the first counts as the largest; a row with a NaN is a miss, and a
/// label out of range a ValueError (unlike Keras, where both can count as hits).
/// Source: keras.metrics.SparseCategoricalAccuracy.
class SparseCategoricalAccuracy final
    : public MetricOf<SparseCategoricalAccuracy, SparseCategoricalAccuracyOptions, MeanOfFunction> {
 public:
  using MetricOf::MetricOf;

 protected:
  losses::LossValues values(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

}  // namespace assay::metrics
