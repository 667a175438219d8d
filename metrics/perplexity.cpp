// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/labels.h>
#include <assay/losses/sparse_categorical_crossentropy.h>
#include <assay/metrics/metric-inl.h>
#include <assay/metrics/perplexity.h>
#include <assay/metrics/sparse_categorical_crossentropy.h>

namespace assay::metrics {

losses::LossValues Perplexity::values(const at::Tensor& y_true, const at::Tensor& y_pred) const {
  const auto& o = options();
  const auto labels = sparse_labels(y_true, y_pred, o.axis);
  return {losses::sparse_categorical_crossentropy(labels, y_pred, o.from_logits, o.ignore_class,
                                                  o.axis),
          o.ignore_class ? labels.ne(*o.ignore_class) : at::Tensor()};
}

SharedCounts Perplexity::shared_counts() const {
  const auto& o = options();
  return SparseCategoricalCrossentropy(
             {.from_logits = o.from_logits, .ignore_class = o.ignore_class, .axis = o.axis})
      .shared_counts();
}

at::Tensor Perplexity::compute() const {
  return at::where(count().eq(0), 0.0, MeanOfFunction::compute().exp());
}

void register_perplexity(MetricRegistry& registry) { registry.add<Perplexity>(); }

}  // namespace assay::metrics
