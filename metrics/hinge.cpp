// SPDX-License-Identifier: Apache-2.0
#include <assay/losses/hinge.h>
#include <assay/metrics/hinge.h>
#include <assay/metrics/metric-inl.h>

namespace assay::metrics {

losses::LossValues Hinge::values(const at::Tensor& y_true, const at::Tensor& y_pred) const {
  return {losses::hinge(y_true, y_pred)};
}

void register_hinge(MetricRegistry& registry) { registry.add<Hinge>(); }

}  // namespace assay::metrics
