// SPDX-License-Identifier: Apache-2.0
#include <assay/losses/log_cosh.h>
#include <assay/metrics/log_cosh_error.h>
#include <assay/metrics/metric-inl.h>

namespace assay::metrics {

losses::LossValues LogCoshError::values(const at::Tensor& y_true, const at::Tensor& y_pred) const {
  return {losses::log_cosh(y_true, y_pred)};
}

void register_log_cosh_error(MetricRegistry& registry) {
  registry.add<LogCoshError>({"logcosh", "log_cosh"});
}

}  // namespace assay::metrics
