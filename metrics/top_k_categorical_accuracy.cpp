// SPDX-License-Identifier: Apache-2.0
#include <assay/core/labels.h>
#include <assay/core/shapes.h>
#include <assay/metrics/metric-inl.h>
#include <assay/metrics/top_k_categorical_accuracy.h>

namespace assay::metrics {

at::Tensor in_top_k(const at::Tensor& labels, const at::Tensor& scores, std::int64_t k) {
  const auto own = scores.gather(-1, labels.unsqueeze(-1));
  return scores.gt(own).sum(-1).lt(k).logical_and(rows_without_nan(scores));
}

losses::LossValues TopKCategoricalAccuracy::values(const at::Tensor& y_true,
                                                   const at::Tensor& y_pred) const {
  const auto [t, p] = align_same_shape(y_true, y_pred);
  class_axis(p, -1);
  return {in_top_k(t.argmax(-1), p, options().k)};
}

void register_top_k_categorical_accuracy(MetricRegistry& registry) {
  registry.add<TopKCategoricalAccuracy>();
}

}  // namespace assay::metrics
