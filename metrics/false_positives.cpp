// SPDX-License-Identifier: Apache-2.0
#include <assay/metrics/false_positives.h>
#include <assay/metrics/metric-inl.h>

namespace assay::metrics {

FalsePositives::FalsePositives(FalsePositivesOptions options) : MetricOf(std::move(options)) {
  keep({.thresholds = thresholds_or(this->options().thresholds, 0.5)}, {kFalsePositives});
}

void register_false_positives(MetricRegistry& registry) { registry.add<FalsePositives>(); }

}  // namespace assay::metrics
