// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/metrics/confusion_matrix.h>
#include <assay/metrics/metric-inl.h>
#include <assay/metrics/quotient.h>

namespace assay::metrics {

ConfusionMatrix::ConfusionMatrix(Options options) : MetricOf(std::move(options)) {
  make_matrix(this->options().num_classes);
}

at::Tensor ConfusionMatrix::compute() const {
  const auto counts = pairs();
  const auto matrix = counts.slice(1, 0, classes());
  const auto& normalize = options().normalize;
  if (normalize == "true") return quotient(matrix, counts.sum(1, /*keepdim=*/true));
  if (normalize == "pred") return quotient(matrix, matrix.sum(0, /*keepdim=*/true));
  if (normalize == "all") return quotient(matrix, counts.sum());
  return matrix;
}

void register_confusion_matrix(MetricRegistry& registry) { registry.add<ConfusionMatrix>(); }

}  // namespace assay::metrics
