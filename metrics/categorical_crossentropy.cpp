// SPDX-License-Identifier: Apache-2.0
#include <assay/losses/categorical_crossentropy.h>
#include <assay/metrics/categorical_crossentropy.h>
#include <assay/metrics/metric-inl.h>

namespace assay::metrics {

losses::LossValues CategoricalCrossentropy::values(const at::Tensor& y_true,
                                                   const at::Tensor& y_pred) const {
  const auto& o = options();
  return {
      losses::categorical_crossentropy(y_true, y_pred, o.from_logits, o.label_smoothing, o.axis)};
}

void register_categorical_crossentropy(MetricRegistry& registry) {
  registry.add<CategoricalCrossentropy>();
}

}  // namespace assay::metrics
