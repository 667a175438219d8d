// SPDX-License-Identifier: Apache-2.0
#include <assay/metrics/correlation.h>
#include <assay/metrics/metric-inl.h>
#include <assay/metrics/pearson_correlation.h>
#include <assay/metrics/quotient.h>

#include <cmath>

namespace assay::metrics {
namespace {

template <class Number>
Number pearson(const MomentsOf<Number>& m) {
  using std::sqrt;
  // One root each: the product of two variances may leave the range of float64.
  return quotient(m.covariance, sqrt(m.variance_of_true) * sqrt(m.variance_of_pred));
}

}  // namespace

losses::LossValues PearsonCorrelation::values(const at::Tensor& y_true,
                                              const at::Tensor& y_pred) const {
  return correlation_values(y_true, y_pred, options().axis,
                            {&pearson<at::Tensor>, &pearson<double>});
}

void register_pearson_correlation(MetricRegistry& registry) { registry.add<PearsonCorrelation>(); }

}  // namespace assay::metrics
