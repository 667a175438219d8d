// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/metrics/matthews_correlation.h>
#include <assay/metrics/metric-inl.h>
#include <assay/metrics/quotient.h>

namespace assay::metrics {

MatthewsCorrelation::MatthewsCorrelation(Options options) : MetricOf(std::move(options)) {
  make_matrix(this->options().num_classes);
}

at::Tensor MatthewsCorrelation::compute() const {
  const auto counts = pairs();
  const auto all = counts.sum();
  // Shares, not counts: the products of large counts would leave float64.
  const auto labels = quotient(counts.sum(1), all);
  const auto predictions = quotient(counts.sum(0), all);
  const auto right = quotient(counts.diagonal().sum(), all);
  const auto by_chance = labels.dot(predictions.slice(0, 0, classes()));
  const auto spread = (1 - labels.square().sum()) * (1 - predictions.square().sum());
  return quotient(right - by_chance, spread.sqrt());
}

void register_matthews_correlation(MetricRegistry& registry) {
  registry.add<MatthewsCorrelation>();
}

}  // namespace assay::metrics
