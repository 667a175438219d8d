// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/on_device.h>
#include <assay/core/operators/operator_handle.h>
#include <assay/core/operators/samplewise_sums.h>
#include <assay/core/operators/weighted_sums.h>
#include <assay/core/shapes.h>

#include <optional>

namespace assay {
namespace {

using OptionalTensor = std::optional<at::Tensor>;

double values_per_sample(const at::Tensor& values) {
  const bool one = values.dim() == 0 || values.size(0) == 0;
  const std::int64_t count = one ? 1 : values.numel() / values.size(0);
  return static_cast<double>(count);
}

double samples(const at::Tensor& values) {
  if (values.dim() == 0) return 1.0;
  return values.numel() == 0 ? 0.0 : static_cast<double>(values.size(0));
}

// The weight viewed so that it has the values' rank and broadcasts to them from the left.
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
  return on_device(weight, values.device());
}

void add_samplewise_sums_composed(at::Tensor& total, at::Tensor& count, const at::Tensor& values,
                                  const OptionalTensor& sample_weight, const OptionalTensor& mask) {
  const auto in_double = values.to(at::kDouble);
  const auto per_sample = values_per_sample(values);
  if (!mask && !sample_weight) {
    total.add_(in_double.sum() / per_sample);
    count.add_(samples(values));
    return;
  }
  at::Tensor weight = sample_weight ? align_from_the_left(*sample_weight, values).to(at::kDouble)
                                    : at::ones({}, in_double.options());
  if (values.numel() == 0) return;
  if (mask) {
    const auto keep = align_mask(*mask, values).expand_as(values);
    weight = at::where(keep, weight, 0.0);
    const auto kept = at::where(keep, in_double, 0.0);
    total.add_((kept * weight).sum() / per_sample);
    count.add_(weight.sum() / per_sample);
  } else if (sample_weight->dim() == 0) {
    total.add_(in_double.mean() * weight.reshape({}));
    count.add_(weight.reshape({}));
  } else {
    weight = weight.expand_as(values);
    total.add_((in_double * weight).sum() / per_sample);
    count.add_(weight.sum() / per_sample);
  }
}

void add_samplewise_sums_cpu(at::Tensor& total, at::Tensor& count, const at::Tensor& values,
                             const OptionalTensor& sample_weight, const OptionalTensor& mask) {
  auto per_sample = values_per_sample(values);
  at::Tensor weight;
  double scale = 1.0;
  if (sample_weight) weight = align_from_the_left(*sample_weight, values);
  const bool scalar_weight = sample_weight && !mask && sample_weight->dim() == 0;
  if (scalar_weight) {
    scale = sample_weight->item<double>();
    per_sample = static_cast<double>(values.numel());
    weight.reset();
  }
  const auto keep = mask ? align_mask(*mask, values) : at::Tensor();
  if (values.numel() == 0) return;
  const auto sums = weighted_sums_cpu(values, weight, keep);
  const bool plain = !sample_weight && !mask;
  *total.mutable_data_ptr<double>() += sums.value / per_sample * scale;
  *count.mutable_data_ptr<double>() += plain           ? samples(values)
                                       : scalar_weight ? scale
                                                       : sums.weight / per_sample;
  bump_version(total);
  bump_version(count);
}

void add_weighted_sum_composed(at::Tensor& total, const at::Tensor& values,
                               const OptionalTensor& sample_weight) {
  auto weighted = values.to(at::kDouble);
  if (sample_weight) {
    weighted = weighted * align_from_the_left(*sample_weight, values).to(at::kDouble);
  }
  total.add_(weighted.sum());
}

void add_weighted_sum_cpu(at::Tensor& total, const at::Tensor& values,
                          const OptionalTensor& sample_weight) {
  const auto weight = sample_weight ? align_from_the_left(*sample_weight, values) : at::Tensor();
  *total.mutable_data_ptr<double>() += weighted_sums_cpu(values, weight, {}).value;
  bump_version(total);
}

TORCH_LIBRARY_FRAGMENT(assay, library) {
  define_with_cpu_kernel(library,
                         "add_samplewise_sums_(Tensor(a!) total, Tensor(b!) count, Tensor values, "
                         "Tensor? sample_weight=None, Tensor? mask=None) -> ()",
                         &add_samplewise_sums_composed, &add_samplewise_sums_cpu);
  define_with_cpu_kernel(library,
                         "add_weighted_sum_(Tensor(a!) total, Tensor values, "
                         "Tensor? sample_weight=None) -> ()",
                         &add_weighted_sum_composed, &add_weighted_sum_cpu);
}

}  // namespace

void add_samplewise_sums(at::Tensor& total, at::Tensor& count, const at::Tensor& values,
                         const at::Tensor& sample_weight, const at::Tensor& mask) {
  static const auto handle =
      operator_handle<decltype(add_samplewise_sums_cpu)>("add_samplewise_sums_");
  handle.call(total, count, values, optional(sample_weight), optional(mask));
}

void add_weighted_sum(at::Tensor& total, const at::Tensor& values,
                      const at::Tensor& sample_weight) {
  static const auto handle = operator_handle<decltype(add_weighted_sum_cpu)>("add_weighted_sum_");
  handle.call(total, values, optional(sample_weight));
}

}  // namespace assay
