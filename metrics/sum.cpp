// SPDX-License-Identifier: Apache-2.0
#include <assay/core/operators/samplewise_sums.h>
#include <assay/metrics/metric-inl.h>
#include <assay/metrics/sum.h>

namespace assay::metrics {

void Sum::update(const at::Tensor& values, const at::Tensor& y_pred,
                 const at::Tensor& sample_weight) {
  TORCH_CHECK_VALUE(!y_pred.defined(), "Sum takes values and sample_weight; leave y_pred out");
  add_weighted_sum(total_, values, sample_weight);
}

void register_sum(MetricRegistry& registry) { registry.add<Sum>(); }

}  // namespace assay::metrics
