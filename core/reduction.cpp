// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/reduction.h>
#include <assay/core/shapes.h>

namespace assay {
namespace {

// sum / count, and 0 where nothing was counted.
at::Tensor quotient(const at::Tensor& sum, const at::Tensor& count) {
  const auto nothing = count.eq(0);
  return at::where(nothing, at::zeros_like(sum), sum / at::where(nothing, 1.0, count));
}

at::Tensor sum_in_double(const at::Tensor& values) { return values.sum(at::kDouble); }

}  // namespace

const std::vector<std::pair<std::string, Reduction>>& reduction_names() {
  static const std::vector<std::pair<std::string, Reduction>> names = {
      {"sum_over_batch_size", Reduction::kSumOverBatchSize},
      {"mean", Reduction::kSumOverBatchSize},
      {"sum", Reduction::kSum},
      {"mean_with_sample_weight", Reduction::kMeanWithSampleWeight},
      {"none", Reduction::kNone},
  };
  return names;
}

std::string to_string(Reduction reduction) {
  for (const auto& [name, value] : reduction_names()) {
    if (value == reduction) return name;
  }
  TORCH_INTERNAL_ASSERT(false, "unnamed reduction");
}

at::Tensor reduce_weighted_values(const at::Tensor& unreduced, const at::Tensor& sample_weight,
                                  const at::Tensor& mask, Reduction reduction) {
  // A weight [batch, 1] gives values [batch] its shape; a mask was made for the values as they
  // were.
  const bool column = sample_weight.defined() && unreduced.dim() == 1 && sample_weight.dim() == 2 &&
                      sample_weight.size(1) == 1;
  const auto values = column ? unreduced.unsqueeze(1) : unreduced;
  const auto keep = mask.defined() ? align_mask(mask, values) : at::Tensor();
  const auto weight =
      sample_weight.defined() ? align_sample_weight(sample_weight, values) : at::Tensor();

  auto weighted = weight.defined() ? values * weight : values;
  // `where`, since 0 * inf is NaN.
  if (keep.defined()) weighted = at::where(keep, weighted, at::zeros_like(weighted));

  const bool irreducible = values.dim() == 0 || (values.dim() == 1 && values.size(0) == 0);
  if (reduction == Reduction::kNone || irreducible) return weighted;

  const auto sum = sum_in_double(weighted);
  if (reduction == Reduction::kSum) return sum.to(values.scalar_type());

  at::Tensor count;
  if (reduction == Reduction::kMeanWithSampleWeight && weight.defined()) {
    auto counted = weight.expand_as(values);
    if (keep.defined()) counted = at::where(keep, counted, at::zeros_like(counted));
    count = sum_in_double(counted);
  } else if (keep.defined()) {
    count = keep.expand_as(values).sum().to(at::kDouble);
  } else {
    if (values.numel() == 0) return sum.to(values.scalar_type());
    return (sum / static_cast<double>(values.numel())).to(values.scalar_type());
  }
  return quotient(sum, count).to(values.scalar_type());
}

}  // namespace assay
