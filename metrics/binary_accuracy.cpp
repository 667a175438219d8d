// SPDX-License-Identifier: Apache-2.0
#include <assay/core/operators/class_hits.h>
#include <assay/core/shapes.h>
#include <assay/metrics/binary_accuracy.h>
#include <assay/metrics/metric-inl.h>

namespace assay::metrics {

losses::LossValues BinaryAccuracy::values(const at::Tensor& y_true,
                                          const at::Tensor& y_pred) const {
  const auto [t, p] = align_same_shape(y_true, y_pred);
  return {binary_hits(t, p, options().threshold)};
}

void register_binary_accuracy(MetricRegistry& registry) { registry.add<BinaryAccuracy>(); }

}  // namespace assay::metrics
