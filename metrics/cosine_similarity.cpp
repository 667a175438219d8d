// SPDX-License-Identifier: Apache-2.0
#include <assay/losses/cosine_similarity.h>
#include <assay/metrics/cosine_similarity.h>
#include <assay/metrics/metric-inl.h>

namespace assay::metrics {

losses::LossValues CosineSimilarity::values(const at::Tensor& y_true,
                                            const at::Tensor& y_pred) const {
  return {-losses::cosine_similarity(y_true, y_pred, options().axis)};
}

void register_cosine_similarity(MetricRegistry& registry) { registry.add<CosineSimilarity>(); }

}  // namespace assay::metrics
