// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/mean_base.h>

namespace assay::metrics {

/// Options of `Poisson`.
struct PoissonOptions {
  static constexpr auto class_name = "Poisson";
  std::string name = "poisson";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() { return metric_fields<PoissonOptions>(); }
};

/// The mean of `losses::poisson` over samples: p - t log(p + 1e-7), averaged over the last axis.
///
/// Shapes: both [batch, d0 .. dN]. Errors: ValueError for shapes that differ.
/// Source: keras.metrics.Poisson.
class Poisson final : public MetricOf<Poisson, PoissonOptions, MeanOfFunction> {
 public:
  using MetricOf::MetricOf;

 protected:
  losses::LossValues values(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

}  // namespace assay::metrics
