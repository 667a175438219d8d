// SPDX-License-Identifier: Apache-2.0
#include <assay/core/labels.h>
#include <assay/core/operators/class_hits.h>
#include <assay/core/shapes.h>
#include <assay/metrics/metric-inl.h>
#include <assay/metrics/top_k_categorical_accuracy.h>

namespace assay::metrics {

losses::LossValues TopKCategoricalAccuracy::values(const at::Tensor& y_true,
                                                   const at::Tensor& y_pred) const {
  const auto [t, p] = align_same_shape(y_true, y_pred);
  class_axis(p, -1);
  return {top_k_hits(row_argmax(t, -1), p, options().k)};
}

void register_top_k_categorical_accuracy(MetricRegistry& registry) {
  registry.add<TopKCategoricalAccuracy>();
}

}  // namespace assay::metrics
