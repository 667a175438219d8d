// SPDX-License-Identifier: Apache-2.0
#include <assay/core/labels.h>
#include <assay/metrics/metric-inl.h>
#include <assay/metrics/sparse_categorical_accuracy.h>

namespace assay::metrics {

losses::LossValues SparseCategoricalAccuracy::values(const at::Tensor& y_true,
                                                     const at::Tensor& y_pred) const {
  const auto labels = sparse_labels(y_true, y_pred, -1);
  check_label_range(labels, y_pred.size(-1), std::nullopt);
  return {labels.eq(y_pred.argmax(-1)).logical_and(rows_without_nan(y_pred))};
}

void register_sparse_categorical_accuracy(MetricRegistry& registry) {
  registry.add<SparseCategoricalAccuracy>();
}

}  // namespace assay::metrics
