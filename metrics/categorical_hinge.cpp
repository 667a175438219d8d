// SPDX-License-Identifier: Apache-2.0
#include <assay/losses/categorical_hinge.h>
#include <assay/metrics/categorical_hinge.h>
#include <assay/metrics/metric-inl.h>

namespace assay::metrics {

losses::LossValues CategoricalHinge::values(const at::Tensor& y_true,
                                            const at::Tensor& y_pred) const {
  return {losses::categorical_hinge(y_true, y_pred)};
}

void register_categorical_hinge(MetricRegistry& registry) { registry.add<CategoricalHinge>(); }

}  // namespace assay::metrics
