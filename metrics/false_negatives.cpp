// SPDX-License-Identifier: Apache-2.0
#include <assay/metrics/false_negatives.h>
#include <assay/metrics/metric-inl.h>

namespace assay::metrics {

FalseNegatives::FalseNegatives(FalseNegativesOptions options) : MetricOf(std::move(options)) {
  keep({.thresholds = thresholds_or(this->options().thresholds, 0.5)}, {kFalseNegatives});
}

void register_false_negatives(MetricRegistry& registry) { registry.add<FalseNegatives>(); }

}  // namespace assay::metrics
