// SPDX-License-Identifier: Apache-2.0
#include <assay/core/shapes.h>
#include <assay/metrics/accuracy.h>
#include <assay/metrics/metric-inl.h>

namespace assay::metrics {

losses::LossValues Accuracy::values(const at::Tensor& y_true, const at::Tensor& y_pred) const {
  const auto [t, p] = align_same_shape(y_true, y_pred);
  return {t.to(p.scalar_type()).eq(p)};
}

void register_accuracy(MetricRegistry& registry) { registry.add<Accuracy>({"acc"}); }

}  // namespace assay::metrics
