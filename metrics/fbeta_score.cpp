// SPDX-License-Identifier: Apache-2.0
#include <assay/metrics/fbeta_score.h>
#include <assay/metrics/metric-inl.h>

namespace assay::metrics {

FScoreBase::Rule FBetaScore::rule() const {
  return {options().beta, options().average, options().threshold};
}

void register_fbeta_score(MetricRegistry& registry) { registry.add<FBetaScore>({"fbeta_score"}); }

}  // namespace assay::metrics
