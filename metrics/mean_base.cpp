// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/on_device.h>
#include <assay/core/shapes.h>
#include <assay/metrics/mean_base.h>

namespace assay::metrics {
namespace {

std::int64_t values_per_sample(const at::Tensor& values) {
  return values.dim() == 0 || values.size(0) == 0 ? 1 : values.numel() / values.size(0);
}

// The weight in float64, viewed so that it broadcasts to the values from the left.
at::Tensor align_from_the_left(const at::Tensor& sample_weight, const at::Tensor& values) {
  TORCH_CHECK_VALUE(sample_weight.device() == values.device() || sample_weight.dim() == 0,
                    "sample_weight is on ", sample_weight.device(), ", the values are on ",
                    values.device(), "; expected one device");
  auto weight = sample_weight;
  if (weight.dim() == values.dim() + 1 && weight.size(-1) == 1) weight = weight.squeeze(-1);
  bool fits = weight.dim() <= values.dim();
  for (std::int64_t axis = 0; fits && axis < weight.dim(); ++axis) {
    fits = weight.size(axis) == 1 || weight.size(axis) == values.size(axis);
  }
  TORCH_CHECK_VALUE(fits, "sample_weight has shape ", describe(sample_weight.sizes()),
                    ", which does not fit values of shape ", describe(values.sizes()),
                    "; expected a scalar, one weight a sample, or a shape that broadcasts");
  while (weight.dim() < values.dim()) weight = weight.unsqueeze(-1);
  return on_device(weight, values.device()).to(at::kDouble);
}

}  // namespace

WeightedSums samplewise_sums(const at::Tensor& values, const at::Tensor& sample_weight,
                             const at::Tensor& mask) {
  const auto in_double = values.to(at::kDouble);
  const auto per_sample = static_cast<double>(values_per_sample(values));
  if (!mask.defined() && !sample_weight.defined()) {
    const auto samples = values.dim() == 0 ? 1 : values.numel() == 0 ? 0 : values.size(0);
    return {in_double.sum() / per_sample,
            at::full({}, static_cast<double>(samples), in_double.options())};
  }
  at::Tensor weight = sample_weight.defined() ? align_from_the_left(sample_weight, values)
                                              : at::ones({}, in_double.options());
  if (values.numel() == 0) return {in_double.sum(), in_double.sum()};
  if (mask.defined()) {
    const auto keep = align_mask(mask, values).expand_as(values);
    weight = at::where(keep, weight, 0.0);
    const auto kept = at::where(keep, in_double, 0.0);
    return {(kept * weight).sum() / per_sample, weight.sum() / per_sample};
  }
  if (sample_weight.dim() == 0) {
    const auto scalar = weight.reshape({});
    return {in_double.mean() * scalar, scalar};
  }
  weight = weight.expand_as(values);
  return {(in_double * weight).sum() / per_sample, weight.sum() / per_sample};
}

at::Tensor weighted_sum(const at::Tensor& values, const at::Tensor& sample_weight) {
  const auto in_double = values.to(at::kDouble);
  if (!sample_weight.defined()) return in_double.sum();
  return (in_double * align_from_the_left(sample_weight, values)).sum();
}

void MeanBase::add_values(const at::Tensor& values, const at::Tensor& sample_weight,
                          const at::Tensor& mask) {
  const auto sums = samplewise_sums(values, sample_weight, mask);
  total_.add_(sums.total);
  count_.add_(sums.count);
}

at::Tensor MeanBase::compute() const {
  return at::where(count_.eq(0), 0.0, total_ / at::where(count_.eq(0), 1.0, count_));
}

void MeanOfFunction::update(const at::Tensor& y_true, const at::Tensor& y_pred,
                            const at::Tensor& sample_weight) {
  TORCH_CHECK_VALUE(y_pred.defined(), "y_pred is missing: ", class_name(),
                    " compares labels with predictions");
  const auto [values, mask] = this->values(y_true, y_pred);
  add_values(values, sample_weight, mask);
}

}  // namespace assay::metrics
