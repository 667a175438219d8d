// SPDX-License-Identifier: Apache-2.0
#include <assay/core/operators/kernel_input.h>
#include <assay/core/operators/weighted_sums.h>

#include <vector>

namespace assay {
namespace {

using kernels::cpu::WeightedSumInput;
using kernels::cpu::WeightedSums;

// float32 holds the small integers, float64 the others up to 2^53.
at::Tensor summands(const at::Tensor& tensor) {
  const auto dtype = tensor.scalar_type();
  if (at::isFloatingType(dtype)) return kernel_operand(tensor);
  const bool small = dtype == at::kBool || tensor.element_size() <= 2;
  return tensor.to(small ? at::kFloat : at::kDouble).contiguous();
}

// Contiguous, in float32 or float64, each number for `repeat` values.
struct WeightOperand {
  at::Tensor tensor;
  std::int64_t repeat = 1;
};

WeightOperand weights_for(const at::Tensor& values, const at::Tensor& weight) {
  if (!weight.defined()) return {};
  auto floating = weight.scalar_type() == at::kFloat ? weight : weight.to(at::kDouble);
  while (floating.dim() < values.dim()) floating = floating.unsqueeze(0);
  std::int64_t repeat = 1;
  auto axis = values.dim();
  for (; axis > 0 && floating.size(axis - 1) == 1; --axis) repeat *= values.size(axis - 1);
  if (floating.sizes().slice(0, axis) == values.sizes().slice(0, axis)) {
    return {floating.contiguous(), repeat};
  }
  return {floating.expand(values.sizes()).contiguous(), 1};
}

template <class T, class W>
WeightedSums sums_of(const WeightedSumInput<T, W>& input) {
  const auto blocks = kernels::cpu::sum_blocks(input.size);
  if (blocks == 1) {
    WeightedSums sums;
    kernels::cpu::weighted_block_sums(input, 0, 1, &sums);
    return sums;
  }
  std::vector<WeightedSums> sums(static_cast<std::size_t>(blocks));
  parallel_for(0, blocks, rows_per_task(kernels::cpu::kSumBlock),
               [&](std::int64_t begin, std::int64_t end) {
                 kernels::cpu::weighted_block_sums(input, begin, end, sums.data());
               });
  return kernels::cpu::add_blocks(sums.data(), blocks);
}

}  // namespace

WeightedSums weighted_sums_cpu(const at::Tensor& values, const at::Tensor& weight,
                               const at::Tensor& mask) {
  if (values.numel() == 0) return {};
  const auto operand = summands(values);
  const auto weights = weights_for(values, weight);
  const auto kept = mask.defined() ? mask.expand(values.sizes()).contiguous() : mask;
  return dispatch_kernel_type(operand.scalar_type(), [&]<class T>() {
    const auto with = [&]<class W>(const W* weight_data) {
      return sums_of(WeightedSumInput<T, W>{.values = kernel_data<T>(operand),
                                            .size = operand.numel(),
                                            .weights = weight_data,
                                            .weight_repeat = weights.repeat,
                                            .mask = kernel_data<bool>(kept)});
    };
    if (weights.tensor.defined() && weights.tensor.scalar_type() == at::kDouble) {
      return with(kernel_data<double>(weights.tensor));
    }
    return with(kernel_data<float>(weights.tensor));
  });
}

}  // namespace assay
