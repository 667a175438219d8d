// SPDX-License-Identifier: Apache-2.0
#include <assay/core/shapes.h>
#include <assay/metrics/metric-inl.h>
#include <assay/metrics/root_mean_squared_error.h>

namespace assay::metrics {

losses::LossValues RootMeanSquaredError::values(const at::Tensor& y_true,
                                                const at::Tensor& y_pred) const {
  const auto [t, p] = align_same_shape(y_true, y_pred);
  return {(p.to(at::kDouble) - t.to(at::kDouble)).square()};
}

void register_root_mean_squared_error(MetricRegistry& registry) {
  registry.add<RootMeanSquaredError>();
}

}  // namespace assay::metrics
