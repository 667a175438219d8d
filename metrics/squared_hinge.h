// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/mean_base.h>

namespace assay::metrics {

/// Options of `SquaredHinge`.
struct SquaredHingeOptions {
  static constexpr auto class_name = "SquaredHinge";
  std::string name = "squared_hinge";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() { return metric_fields<SquaredHingeOptions>(); }
};

/// The mean of `losses::squared_hinge` over samples: max(1 - t p, 0)^2, averaged over the last
/// axis. Labels are -1 and 1; a batch whose labels are all 0 or 1 is read as -1 and 1.
///
/// Shapes: both [batch, d0 .. dN]. Errors: ValueError for shapes that differ.
/// Source: keras.metrics.SquaredHinge.
class SquaredHinge final : public MetricOf<SquaredHinge, SquaredHingeOptions, MeanOfFunction> {
 public:
  using MetricOf::MetricOf;

 protected:
  losses::LossValues values(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

}  // namespace assay::metrics
