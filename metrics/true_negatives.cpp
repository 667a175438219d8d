// SPDX-License-Identifier: Apache-2.0
#include <assay/metrics/metric-inl.h>
#include <assay/metrics/true_negatives.h>

namespace assay::metrics {

TrueNegatives::TrueNegatives(TrueNegativesOptions options) : MetricOf(std::move(options)) {
  keep({.thresholds = thresholds_or(this->options().thresholds, 0.5)}, {kTrueNegatives});
}

void register_true_negatives(MetricRegistry& registry) { registry.add<TrueNegatives>(); }

}  // namespace assay::metrics
