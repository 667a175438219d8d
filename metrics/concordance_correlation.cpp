// SPDX-License-Identifier: Apache-2.0
#include <assay/core/probabilities.h>
#include <assay/metrics/concordance_correlation.h>
#include <assay/metrics/correlation.h>
#include <assay/metrics/metric-inl.h>

namespace assay::metrics {
namespace {

template <class Number>
Number concordance(const MomentsOf<Number>& m) {
  const Number spread = m.variance_of_true + m.variance_of_pred +
                        m.distance_of_means * m.distance_of_means + kEpsilon;
  return 2 * m.covariance / spread;
}

}  // namespace

losses::LossValues ConcordanceCorrelation::values(const at::Tensor& y_true,
                                                  const at::Tensor& y_pred) const {
  return correlation_values(y_true, y_pred, options().axis,
                            {&concordance<at::Tensor>, &concordance<double>});
}

void register_concordance_correlation(MetricRegistry& registry) {
  registry.add<ConcordanceCorrelation>();
}

}  // namespace assay::metrics
