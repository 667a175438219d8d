// SPDX-License-Identifier: Apache-2.0
#include <assay/metrics/metric-inl.h>
#include <assay/metrics/sensitivity_at_specificity.h>

namespace assay::metrics {

SensitivityAtSpecificity::SensitivityAtSpecificity(SensitivityAtSpecificityOptions options)
    : MetricOf(std::move(options)) {
  keep_at(this->options().num_thresholds, this->options().class_id);
}

void register_sensitivity_at_specificity(MetricRegistry& registry) {
  registry.add<SensitivityAtSpecificity>();
}

}  // namespace assay::metrics
