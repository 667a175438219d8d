// SPDX-License-Identifier: Apache-2.0
#include <assay/core/labels.h>
#include <assay/core/operators/class_hits.h>
#include <assay/metrics/metric-inl.h>
#include <assay/metrics/sparse_categorical_accuracy.h>

namespace assay::metrics {

losses::LossValues SparseCategoricalAccuracy::values(const at::Tensor& y_true,
                                                     const at::Tensor& y_pred) const {
  return {argmax_hits(sparse_labels(y_true, y_pred, -1), y_pred)};
}

void register_sparse_categorical_accuracy(MetricRegistry& registry) {
  registry.add<SparseCategoricalAccuracy>();
}

}  // namespace assay::metrics
