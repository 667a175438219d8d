// SPDX-License-Identifier: Apache-2.0
#include <assay/metrics/f1_score.h>
#include <assay/metrics/metric-inl.h>

namespace assay::metrics {

FScoreBase::Rule F1Score::rule() const { return {1, options().average, options().threshold}; }

void register_f1_score(MetricRegistry& registry) { registry.add<F1Score>(); }

}  // namespace assay::metrics
