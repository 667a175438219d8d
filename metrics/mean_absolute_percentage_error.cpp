// SPDX-License-Identifier: Apache-2.0
#include <assay/losses/mean_absolute_percentage_error.h>
#include <assay/metrics/mean_absolute_percentage_error.h>
#include <assay/metrics/metric-inl.h>

namespace assay::metrics {

losses::LossValues MeanAbsolutePercentageError::values(const at::Tensor& y_true,
                                                       const at::Tensor& y_pred) const {
  return {losses::mean_absolute_percentage_error(y_true, y_pred)};
}

void register_mean_absolute_percentage_error(MetricRegistry& registry) {
  registry.add<MeanAbsolutePercentageError>({"mape", "MAPE"});
}

}  // namespace assay::metrics
