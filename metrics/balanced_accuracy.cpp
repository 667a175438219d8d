// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/metrics/balanced_accuracy.h>
#include <assay/metrics/metric-inl.h>
#include <assay/metrics/quotient.h>

namespace assay::metrics {

BalancedAccuracy::BalancedAccuracy(Options options) : MetricOf(std::move(options)) {
  make_matrix(this->options().num_classes);
}

at::Tensor BalancedAccuracy::compute() const {
  const auto counts = pairs();
  const auto labels = counts.sum(1);
  const auto occurring = labels.gt(0).sum().to(at::kDouble);
  return quotient(quotient(counts.diagonal(), labels).sum(), occurring);
}

void register_balanced_accuracy(MetricRegistry& registry) { registry.add<BalancedAccuracy>(); }

}  // namespace assay::metrics
