// SPDX-License-Identifier: Apache-2.0
#include <assay/metrics/correlation.h>
#include <assay/metrics/metric-inl.h>
#include <assay/metrics/pearson_correlation.h>
#include <assay/metrics/quotient.h>

namespace assay::metrics {

losses::LossValues PearsonCorrelation::values(const at::Tensor& y_true,
                                              const at::Tensor& y_pred) const {
  return correlation_values(y_true, y_pred, options().axis, [](const Moments& m) {
    // One root each: the product of two variances may leave the range of float64.
    return quotient(m.covariance, m.variance_of_true.sqrt() * m.variance_of_pred.sqrt());
  });
}

void register_pearson_correlation(MetricRegistry& registry) { registry.add<PearsonCorrelation>(); }

}  // namespace assay::metrics
