// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/mean_base.h>

namespace assay::metrics {

/// Options of `CategoricalHinge`.
struct CategoricalHingeOptions {
  static constexpr auto class_name = "CategoricalHinge";
  std::string name = "categorical_hinge";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() { return metric_fields<CategoricalHingeOptions>(); }
};

/// The mean of `losses::categorical_hinge` over samples: max(1 + max((1 - t) p) - sum(t p), 0),
/// with the classes on the last axis.
///
/// Shapes: both [batch, d0 .. dN]. Errors: ValueError for shapes that differ.
/// Source: keras.metrics.CategoricalHinge.
class CategoricalHinge final
    : public MetricOf<CategoricalHinge, CategoricalHingeOptions, MeanOfFunction> {
 public:
  using MetricOf::MetricOf;

 protected:
  losses::LossValues values(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

}  // namespace assay::metrics
