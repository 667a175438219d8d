// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/metric.h>

namespace assay::metrics {

/// Options of `Sum`.
struct SumOptions {
  static constexpr auto class_name = "Sum";
  std::string name = "sum";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() { return metric_fields<SumOptions>(); }
};

/// The weighted sum of values: sum(w v).
///
///     sum.update_state(values);
///     sum.update_state(values, sample_weight);
///
/// Variable: total. Source: keras.metrics.Sum.
class Sum final : public MetricOf<Sum, SumOptions> {
 public:
  using MetricOf::MetricOf;
  /// Adds values; see the class for their weights. Errors: ValueError where a weight does not fit.
  void update_state(const at::Tensor& values, const at::Tensor& sample_weight = {}) {
    Metric::update_state(values, {}, sample_weight);
  }

 protected:
  void update(const at::Tensor& values, const at::Tensor& y_pred,
              const at::Tensor& sample_weight) override;
  at::Tensor compute() const override { return total_; }

 private:
  at::Tensor& total_ = add_state("total");
};

}  // namespace assay::metrics
