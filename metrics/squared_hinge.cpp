// SPDX-License-Identifier: Apache-2.0
#include <assay/losses/squared_hinge.h>
#include <assay/metrics/metric-inl.h>
#include <assay/metrics/squared_hinge.h>

namespace assay::metrics {

losses::LossValues SquaredHinge::values(const at::Tensor& y_true, const at::Tensor& y_pred) const {
  return {losses::squared_hinge(y_true, y_pred)};
}

void register_squared_hinge(MetricRegistry& registry) { registry.add<SquaredHinge>(); }

}  // namespace assay::metrics
