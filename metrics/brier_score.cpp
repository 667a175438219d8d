// SPDX-License-Identifier: Apache-2.0
#include <assay/core/shapes.h>
#include <assay/metrics/brier_score.h>
#include <assay/metrics/metric-inl.h>

namespace assay::metrics {

losses::LossValues BrierScore::values(const at::Tensor& y_true, const at::Tensor& y_pred) const {
  const auto [t, p] = align_same_shape(y_true, y_pred);
  return {(p.to(at::kDouble) - t.to(at::kDouble)).square()};
}

void register_brier_score(MetricRegistry& registry) { registry.add<BrierScore>({"brier"}); }

}  // namespace assay::metrics
