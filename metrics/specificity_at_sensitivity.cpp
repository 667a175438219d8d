// SPDX-License-Identifier: Apache-2.0
#include <assay/metrics/metric-inl.h>
#include <assay/metrics/specificity_at_sensitivity.h>

namespace assay::metrics {

SpecificityAtSensitivity::SpecificityAtSensitivity(SpecificityAtSensitivityOptions options)
    : MetricOf(std::move(options)) {
  keep_at(this->options().num_thresholds, this->options().class_id);
}

void register_specificity_at_sensitivity(MetricRegistry& registry) {
  registry.add<SpecificityAtSensitivity>();
}

}  // namespace assay::metrics
