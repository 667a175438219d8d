// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/metrics/metric-inl.h>
#include <assay/metrics/quotient.h>
#include <assay/metrics/roc_curve.h>

namespace assay::metrics {

ROCCurve::ROCCurve(ROCCurveOptions options) : MetricOf(with_sorted_thresholds(std::move(options))) {
  const auto& given = this->options();
  keep_all({.thresholds = thresholds_of(given),
            .class_id = given.class_id,
            .from_logits = given.from_logits});
}

at::Tensor ROCCurve::x() const {
  return quotient(count(kFalsePositives), count(kFalsePositives) + count(kTrueNegatives));
}

at::Tensor ROCCurve::y() const { return recall(); }

void register_roc_curve(MetricRegistry& registry) { registry.add<ROCCurve>(); }

}  // namespace assay::metrics
