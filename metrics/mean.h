// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/mean_base.h>

namespace assay::metrics {

/// Options of `Mean`.
struct MeanOptions {
  static constexpr auto class_name = "Mean";
  std::string name = "mean";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() { return metric_fields<MeanOptions>(); }
};

/// The weighted mean of values: sum(w v) / sum(w), 0 before anything was counted.
///
///     mean.update_state(values);
///     mean.update_state(values, sample_weight);
///
/// Values of any shape; every sample (first axis) counts once. Variables: total, count.
/// Source: keras.metrics.Mean.
class Mean final : public MetricOf<Mean, MeanOptions, MeanBase> {
 public:
  using MetricOf::MetricOf;
  /// Adds values; see the class for their weights. Errors: ValueError where a weight does not fit.
  void update_state(const at::Tensor& values, const at::Tensor& sample_weight = {}) {
    Metric::update_state(values, {}, sample_weight);
  }

 protected:
  void update(const at::Tensor& values, const at::Tensor& y_pred,
              const at::Tensor& sample_weight) override;
};

}  // namespace assay::metrics
