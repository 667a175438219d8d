// SPDX-License-Identifier: Apache-2.0
#include <assay/losses/poisson.h>
#include <assay/metrics/metric-inl.h>
#include <assay/metrics/poisson.h>

namespace assay::metrics {

losses::LossValues Poisson::values(const at::Tensor& y_true, const at::Tensor& y_pred) const {
  return {losses::poisson(y_true, y_pred)};
}

void register_poisson(MetricRegistry& registry) { registry.add<Poisson>(); }

}  // namespace assay::metrics
