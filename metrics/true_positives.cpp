// SPDX-License-Identifier: Apache-2.0
#include <assay/metrics/metric-inl.h>
#include <assay/metrics/true_positives.h>

namespace assay::metrics {

TruePositives::TruePositives(TruePositivesOptions options) : MetricOf(std::move(options)) {
  keep({.thresholds = thresholds_or(this->options().thresholds, 0.5)}, {kTruePositives});
}

void register_true_positives(MetricRegistry& registry) { registry.add<TruePositives>(); }

}  // namespace assay::metrics
