// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/metrics/metric-inl.h>
#include <assay/metrics/precision_recall_curve.h>

namespace assay::metrics {

PrecisionRecallCurve::PrecisionRecallCurve(PrecisionRecallCurveOptions options)
    : MetricOf(with_sorted_thresholds(std::move(options))) {
  const auto& given = this->options();
  keep({.thresholds = thresholds_of(given),
        .class_id = given.class_id,
        .from_logits = given.from_logits},
       {kTruePositives, kFalsePositives, kFalseNegatives});
}

at::Tensor PrecisionRecallCurve::x() const { return recall(); }

at::Tensor PrecisionRecallCurve::y() const {
  return precision().masked_fill((count(kTruePositives) + count(kFalsePositives)).eq(0), 1);
}

void register_precision_recall_curve(MetricRegistry& registry) {
  registry.add<PrecisionRecallCurve>();
}

}  // namespace assay::metrics
