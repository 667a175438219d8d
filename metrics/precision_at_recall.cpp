// SPDX-License-Identifier: Apache-2.0
#include <assay/metrics/metric-inl.h>
#include <assay/metrics/precision_at_recall.h>

namespace assay::metrics {

PrecisionAtRecall::PrecisionAtRecall(PrecisionAtRecallOptions options)
    : MetricOf(std::move(options)) {
  keep_at(this->options().num_thresholds, this->options().class_id);
}

void register_precision_at_recall(MetricRegistry& registry) { registry.add<PrecisionAtRecall>(); }

}  // namespace assay::metrics
