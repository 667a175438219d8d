// SPDX-License-Identifier: Apache-2.0
// The first of the three shapes that most metrics have: a weighted mean of values.
#pragma once
#include <assay/losses/loss.h>
#include <assay/metrics/metric.h>

namespace assay::metrics {

/// total / count, 0 before anything was counted. Variables: total, count.
class MeanBase : public Metric {
 protected:
  /// With nothing counted.
  MeanBase(std::string name, at::ScalarType dtype) : Metric(std::move(name), dtype) {}

  /// See `add_samplewise_sums` for the rule of weights.
  void add_values(const at::Tensor& values, const at::Tensor& sample_weight,
                  const at::Tensor& mask = {});
  at::Tensor compute() const override;
  /// The sum of the weights, a scalar in float64.
  const at::Tensor& count() const { return count_; }

 private:
  at::Tensor& total_ = add_state("total");
  at::Tensor& count_ = add_state("count");
};

/// The mean of a function of labels and predictions, one value an entry.
class MeanOfFunction : public MeanBase {
 protected:
  using MeanBase::MeanBase;

  /// The values of one batch, [batch, d0 .. dN].
  virtual losses::LossValues values(const at::Tensor& y_true, const at::Tensor& y_pred) const = 0;

  void update(const at::Tensor& y_true, const at::Tensor& y_pred,
              const at::Tensor& sample_weight) final;
};

}  // namespace assay::metrics
