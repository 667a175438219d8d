// SPDX-License-Identifier: Apache-2.0
#include <assay/metrics/metric-inl.h>
#include <assay/metrics/precision.h>

#include <limits>

namespace assay::metrics {

Precision::Precision(PrecisionOptions options) : MetricOf(std::move(options)) {
  const auto& given = this->options();
  const double otherwise = given.top_k ? -std::numeric_limits<double>::infinity() : 0.5;
  keep({.thresholds = thresholds_or(given.thresholds, otherwise),
        .top_k = given.top_k,
        .class_id = given.class_id},
       {kTruePositives, kFalsePositives});
}

void register_precision(MetricRegistry& registry) { registry.add<Precision>(); }

}  // namespace assay::metrics
