// SPDX-License-Identifier: Apache-2.0
#include <assay/metrics/average_precision.h>
#include <assay/metrics/metric-inl.h>

namespace assay::metrics {

AveragePrecision::AveragePrecision(AveragePrecisionOptions options)
    : MetricOf(with_sorted_thresholds(std::move(options))) {
  const auto& given = this->options();
  keep({.thresholds = thresholds_of(given),
        .class_id = given.class_id,
        .from_logits = given.from_logits},
       {kTruePositives, kFalsePositives, kFalseNegatives});
}

at::Tensor AveragePrecision::compute() const {
  const auto recalls = recall();
  return ((recalls.slice(0, 0, -1) - recalls.slice(0, 1)) * precision().slice(0, 0, -1)).sum();
}

void register_average_precision(MetricRegistry& registry) { registry.add<AveragePrecision>(); }

}  // namespace assay::metrics
