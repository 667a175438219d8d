// SPDX-License-Identifier: Apache-2.0
#include <assay/metrics/mean.h>
#include <assay/metrics/metric-inl.h>

namespace assay::metrics {

void Mean::update(const at::Tensor& values, const at::Tensor& y_pred,
                  const at::Tensor& sample_weight) {
  TORCH_CHECK_VALUE(!y_pred.defined(), "Mean takes values and sample_weight; leave y_pred out");
  add_values(values, sample_weight);
}

void register_mean(MetricRegistry& registry) { registry.add<Mean>(); }

}  // namespace assay::metrics
