// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/mean_base.h>

namespace assay::metrics {

/// Options of `Hinge`.
struct HingeOptions {
  static constexpr auto class_name = "Hinge";
  std::string name = "hinge";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() { return metric_fields<HingeOptions>(); }
};

/// The mean of `losses::hinge` over samples: max(1 - t p, 0), averaged over the last axis. Labels
/// are -1 and 1; a batch whose labels are all 0 or 1 is read as -1 and 1.
///
/// Shapes: both [batch, d0 .. dN]. Errors: ValueError for shapes that differ.
/// Source: keras.metrics.Hinge.
class Hinge final : public MetricOf<Hinge, HingeOptions, MeanOfFunction> {
 public:
  using MetricOf::MetricOf;

 protected:
  losses::LossValues values(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

}  // namespace assay::metrics
