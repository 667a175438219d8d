// SPDX-License-Identifier: Apache-2.0
#include <assay/losses/mean_squared_logarithmic_error.h>
#include <assay/metrics/mean_squared_logarithmic_error.h>
#include <assay/metrics/metric-inl.h>

namespace assay::metrics {

losses::LossValues MeanSquaredLogarithmicError::values(const at::Tensor& y_true,
                                                       const at::Tensor& y_pred) const {
  return {losses::mean_squared_logarithmic_error(y_true, y_pred)};
}

void register_mean_squared_logarithmic_error(MetricRegistry& registry) {
  registry.add<MeanSquaredLogarithmicError>({"msle", "MSLE"});
}

}  // namespace assay::metrics
