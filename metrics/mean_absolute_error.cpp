// SPDX-License-Identifier: Apache-2.0
#include <assay/losses/mean_absolute_error.h>
#include <assay/metrics/mean_absolute_error.h>
#include <assay/metrics/metric-inl.h>

namespace assay::metrics {

losses::LossValues MeanAbsoluteError::values(const at::Tensor& y_true,
                                             const at::Tensor& y_pred) const {
  return {losses::mean_absolute_error(y_true, y_pred)};
}

void register_mean_absolute_error(MetricRegistry& registry) {
  registry.add<MeanAbsoluteError>({"mae", "MAE"});
}

}  // namespace assay::metrics
