// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/operators/column_sums.h>
#include <assay/core/shapes.h>
#include <assay/metrics/metric-inl.h>
#include <assay/metrics/quotient.h>
#include <assay/metrics/r2_score.h>

#include <limits>

namespace assay::metrics {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

}  // namespace

void R2Score::update(const at::Tensor& y_true, const at::Tensor& y_pred,
                     const at::Tensor& sample_weight) {
  TORCH_CHECK_VALUE(y_pred.defined(),
                    "y_pred is missing: R2Score compares labels with predictions");
  const auto [true_given, pred_given] = align_same_shape(y_true, y_pred);
  TORCH_CHECK_VALUE(true_given.dim() == 2, "R2Score takes [batch, columns], got y_true of shape ",
                    describe(y_true.sizes()), " and y_pred of shape ", describe(y_pred.sizes()));
  const auto columns = true_given.size(1);
  TORCH_CHECK_VALUE(!count_ || count_->size(0) == columns, "R2Score has seen ",
                    count_ ? count_->size(0) : 0, " columns, got ", columns);
  at::Tensor weight;
  if (sample_weight.defined()) {
    // A view without memory stands for the columns: weights keep their precision.
    const auto in_double = pred_given.options().dtype(at::kDouble);
    weight = align_sample_weight(sample_weight, at::empty({}, in_double).expand_as(true_given));
  }
  if (!count_) build(columns, pred_given.device());
  num_samples_->add_(true_given.numel());
  add_column_sums({.squared_sum = *squared_sum_,
                   .sum = *sum_,
                   .residual = *residual_,
                   .count = *count_,
                   .lowest = *lowest_,
                   .highest = *highest_},
                  true_given, pred_given, weight);
}

at::Tensor R2Score::compute() const {
  TORCH_CHECK_VALUE(count_,
                    "R2Score has no result before the first update: the number of columns "
                    "is not known");
  const auto variation = *squared_sum_ - quotient(sum_->square(), *count_);
  // Rounding leaves a trace of variation where there is none, and may leave less than none.
  const auto constant = lowest_->ge(*highest_).logical_or(variation.le(0));
  const auto total = at::where(constant, 0.0, variation);
  auto score = at::where(constant, 0.0, 1 - quotient(*residual_, total));
  if (options().class_aggregation == "uniform_average") {
    score = score.mean();
  } else if (options().class_aggregation == "variance_weighted_average") {
    score = quotient((total * score).sum(), total.sum());
  }
  const auto regressors = options().num_regressors;
  if (regressors == 0) return score;
  const auto freedom = num_samples_->to(at::kDouble) - 1;
  const auto adjusted = 1 - (1 - score) * quotient(freedom, freedom - regressors);
  return at::where(freedom.gt(regressors), adjusted, score);
}

void R2Score::build_for(const std::vector<at::Tensor>& values) {
  const bool fits = values.size() == 7 && values[1].defined() && values[1].dim() == 1;
  if (!count_ && fits) build(values[1].size(0), values[1].device());
}

void R2Score::build(std::int64_t columns, const at::Device& device) {
  num_samples_ = &add_state("num_samples", {}, at::kLong);
  squared_sum_ = &add_state("squared_sum", {columns});
  sum_ = &add_state("sum", {columns});
  residual_ = &add_state("residual", {columns});
  count_ = &add_state("count", {columns});
  lowest_ = &add_state("lowest", {columns}, at::kDouble, Merge::kMin, kInfinity);
  highest_ = &add_state("highest", {columns}, at::kDouble, Merge::kMax, -kInfinity);
  to(device);
}

void register_r2_score(MetricRegistry& registry) { registry.add<R2Score>({"r2"}); }

}  // namespace assay::metrics
