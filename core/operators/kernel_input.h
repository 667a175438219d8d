// SPDX-License-Identifier: Apache-2.0
// What stands between tensors and the CPU kernels, which take raw pointers: types, layouts,
// threads.
#pragma once
#include <ATen/ATen.h>
#include <assay/core/kernels/cpu/scalar_types.h>
#include <assay/core/parallel_for.h>

#include <algorithm>
#include <utility>

#pragma GCC visibility push(hidden)
namespace assay {

/// Labels and predictions as a kernel takes them: contiguous, in float64, float32, or both in one
/// 16-bit type.
std::pair<at::Tensor, at::Tensor> kernel_operands(const at::Tensor& y_true,
                                                  const at::Tensor& y_pred);

/// One tensor as a kernel takes it: contiguous, in a floating type.
at::Tensor kernel_operand(const at::Tensor& tensor);

/// An uninitialised tensor like a contiguous one, for a gradient. To touch fresh memory for the
/// first time costs several times what it costs to write it. So a large one gets the memory of the
/// last that was freed, where that is about as large; and asks Linux for huge pages, with which the
/// first time costs a third.
at::Tensor empty_output(const at::Tensor& like);

/// The gradient of the values a row: in the compute type, and broadcast by a stride of 0 where it
/// is one number expanded.
struct RowGradient {
  at::Tensor tensor;    ///< Contiguous.
  std::int64_t stride;  ///< From one row's number to the next: 0 or 1.
};

/// `grad`, one number a row, in the type `compute`.
RowGradient row_gradient(const at::Tensor& grad, at::ScalarType compute);

/// Calls `work.template operator()<T>()` with the kernels' type for a dtype.
template <class Work>
auto dispatch_kernel_type(at::ScalarType dtype, const Work& work) {
  switch (dtype) {
    case at::kDouble:
      return work.template operator()<double>();
    case at::kBFloat16:
      return work.template operator()<kernels::cpu::BFloat16>();
    case at::kHalf:
      return work.template operator()<kernels::cpu::Float16>();
    default:
      TORCH_INTERNAL_ASSERT(dtype == at::kFloat, "no kernel for ", dtype);
      return work.template operator()<float>();
  }
}

/// A tensor's numbers in the kernels' type; null where it is undefined.
template <class T>
const T* kernel_data(const at::Tensor& tensor) {
  return tensor.defined() ? static_cast<const T*>(tensor.const_data_ptr()) : nullptr;
}

/// The same to write to, of a tensor that is defined.
template <class T>
T* mutable_kernel_data(const at::Tensor& tensor) {
  return static_cast<T*>(tensor.mutable_data_ptr());
}

/// Calls run(begin, end) in parallel for blocks of rows that fit a core's own cache, for what goes
/// over its rows twice. Neighbours of a layout with inner > 1 stay together.
template <class Run>
void parallel_over_blocks(std::int64_t rows, std::int64_t classes, std::int64_t inner,
                          const Run& run) {
  parallel_for(0, rows, rows_per_task(classes), [&](std::int64_t begin, std::int64_t end) {
    auto block = rows_per_task(classes);
    if (inner > 1) block = std::max(block, std::min<std::int64_t>(inner, 512));
    for (auto first = begin; first < end; first += block) run(first, std::min(first + block, end));
  });
}

}  // namespace assay
#pragma GCC visibility pop
