// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/mean_base.h>

namespace assay::metrics {

/// Options of `KLDivergence`.
struct KLDivergenceOptions {
  static constexpr auto class_name = "KLDivergence";
  std::string name = "kl_divergence";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() { return metric_fields<KLDivergenceOptions>(); }
};

/// The mean of `losses::kl_divergence` over samples: sum(t log(t / p)) over the last axis, both
/// clipped to [1e-7, 1].
///
/// Shapes: both [batch, d0 .. dN]. Errors: ValueError for shapes that differ.
/// Source: keras.metrics.KLDivergence.
class KLDivergence final : public MetricOf<KLDivergence, KLDivergenceOptions, MeanOfFunction> {
 public:
  using MetricOf::MetricOf;

 protected:
  losses::LossValues values(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

}  // namespace assay::metrics
