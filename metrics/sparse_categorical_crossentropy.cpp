// SPDX-License-Identifier: Apache-2.0
#include <assay/core/labels.h>
#include <assay/losses/sparse_categorical_crossentropy.h>
#include <assay/metrics/metric-inl.h>
#include <assay/metrics/sparse_categorical_crossentropy.h>

namespace assay::metrics {

losses::LossValues SparseCategoricalCrossentropy::values(const at::Tensor& y_true,
                                                         const at::Tensor& y_pred) const {
  const auto& o = options();
  const auto labels = sparse_labels(y_true, y_pred, o.axis);
  return {losses::sparse_categorical_crossentropy(labels, y_pred, o.from_logits, o.ignore_class,
                                                  o.axis),
          o.ignore_class ? labels.ne(*o.ignore_class) : at::Tensor()};
}

SharedCounts SparseCategoricalCrossentropy::shared_counts() const {
  auto counted = options();
  counted.name = Options().name;
  counted.dtype = Options().dtype;
  return {std::make_shared<SparseCategoricalCrossentropy>(counted), {"total", "count"}};
}

void register_sparse_categorical_crossentropy(MetricRegistry& registry) {
  registry.add<SparseCategoricalCrossentropy>();
}

}  // namespace assay::metrics
