// SPDX-License-Identifier: Apache-2.0
#include <assay/core/probabilities.h>
#include <assay/metrics/concordance_correlation.h>
#include <assay/metrics/correlation.h>
#include <assay/metrics/metric-inl.h>

namespace assay::metrics {

losses::LossValues ConcordanceCorrelation::values(const at::Tensor& y_true,
                                                  const at::Tensor& y_pred) const {
  return correlation_values(y_true, y_pred, options().axis, [](const Moments& m) {
    const auto spread =
        m.variance_of_true + m.variance_of_pred + m.distance_of_means.square() + kEpsilon;
    return 2 * m.covariance / spread;
  });
}

void register_concordance_correlation(MetricRegistry& registry) {
  registry.add<ConcordanceCorrelation>();
}

}  // namespace assay::metrics
