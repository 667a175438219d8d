// SPDX-License-Identifier: Apache-2.0
#include <assay/losses/binary_crossentropy.h>
#include <assay/metrics/binary_crossentropy.h>
#include <assay/metrics/metric-inl.h>

namespace assay::metrics {

losses::LossValues BinaryCrossentropy::values(const at::Tensor& y_true,
                                              const at::Tensor& y_pred) const {
  return {losses::binary_crossentropy(y_true, y_pred, options().from_logits,
                                      options().label_smoothing)};
}

void register_binary_crossentropy(MetricRegistry& registry) {
  registry.add<BinaryCrossentropy>({"bce", "BCE"});
}

}  // namespace assay::metrics
