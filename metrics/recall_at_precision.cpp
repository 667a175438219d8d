// SPDX-License-Identifier: Apache-2.0
#include <assay/metrics/metric-inl.h>
#include <assay/metrics/recall_at_precision.h>

namespace assay::metrics {

RecallAtPrecision::RecallAtPrecision(RecallAtPrecisionOptions options)
    : MetricOf(std::move(options)) {
  keep_at(this->options().num_thresholds, this->options().class_id);
}

void register_recall_at_precision(MetricRegistry& registry) { registry.add<RecallAtPrecision>(); }

}  // namespace assay::metrics
