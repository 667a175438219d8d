// SPDX-License-Identifier: Apache-2.0
#include <assay/core/labels.h>
#include <assay/core/operators/class_hits.h>
#include <assay/core/shapes.h>
#include <assay/metrics/categorical_accuracy.h>
#include <assay/metrics/metric-inl.h>

namespace assay::metrics {

losses::LossValues CategoricalAccuracy::values(const at::Tensor& y_true,
                                               const at::Tensor& y_pred) const {
  const auto [t, p] = align_same_shape(y_true, y_pred);
  class_axis(p, -1);
  return {argmax_hits(row_argmax(t, -1), p)};
}

void register_categorical_accuracy(MetricRegistry& registry) {
  registry.add<CategoricalAccuracy>();
}

}  // namespace assay::metrics
