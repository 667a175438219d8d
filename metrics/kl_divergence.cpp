// SPDX-License-Identifier: Apache-2.0
#include <assay/losses/kl_divergence.h>
#include <assay/metrics/kl_divergence.h>
#include <assay/metrics/metric-inl.h>

namespace assay::metrics {

losses::LossValues KLDivergence::values(const at::Tensor& y_true, const at::Tensor& y_pred) const {
  return {losses::kl_divergence(y_true, y_pred)};
}

void register_kl_divergence(MetricRegistry& registry) {
  registry.add<KLDivergence>({"kld", "KLD", "kullback_leibler_divergence"});
}

}  // namespace assay::metrics
