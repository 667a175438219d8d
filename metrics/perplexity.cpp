// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/labels.h>
#include <assay/losses/sparse_categorical_crossentropy.h>
#include <assay/metrics/metric-inl.h>
#include <assay/metrics/perplexity.h>

namespace assay::metrics {

losses::LossValues Perplexity::values(const at::Tensor& y_true, const at::Tensor& y_pred) const {
  const auto& o = options();
  const auto labels = sparse_labels(y_true, y_pred, o.axis);
  return {losses::sparse_categorical_crossentropy(labels, y_pred, o.from_logits, o.ignore_class,
                                                  o.axis),
          o.ignore_class ? labels.ne(*o.ignore_class) : at::Tensor()};
}

at::Tensor Perplexity::compute() const {
  return at::where(count().eq(0), 0.0, MeanOfFunction::compute().exp());
}

void register_perplexity(MetricRegistry& registry) { registry.add<Perplexity>(); }

}  // namespace assay::metrics
