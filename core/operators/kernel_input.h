// SPDX-License-Identifier: Apache-2.0
// What stands between tensors and the CPU kernels, which take raw pointers: types, layouts,
// threads.
#pragma once
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <assay/core/kernels/cpu/scalar_types.h>

#include <utility>

namespace assay {

/// Labels and predictions as a kernel takes them: contiguous, in float64, float32, or both in one
/// 16-bit type.
std::pair<at::Tensor, at::Tensor> kernel_operands(const at::Tensor& y_true,
                                                  const at::Tensor& y_pred);

/// One tensor as a kernel takes it: contiguous, in a floating type.
at::Tensor kernel_operand(const at::Tensor& tensor);

/// An uninitialised tensor like a contiguous one. Large ones ask Linux for huge pages: to touch
/// fresh memory for the first time costs several times what it costs to write it, with huge pages a
/// third of that.
at::Tensor empty_output(const at::Tensor& like);

/// The gradient of the values a row: in the compute type, and broadcast by a stride of 0 where it
/// is one number expanded.
struct RowGradient {
  at::Tensor tensor;
  std::int64_t stride;
};
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

template <class T>
const T* kernel_data(const at::Tensor& tensor) {
  return tensor.defined() ? static_cast<const T*>(tensor.const_data_ptr()) : nullptr;
}

template <class T>
T* mutable_kernel_data(const at::Tensor& tensor) {
  return static_cast<T*>(tensor.mutable_data_ptr());
}

/// Rows that make a thread's share worth its start: about 32 thousand elements.
inline std::int64_t rows_per_task(std::int64_t elements_per_row) {
  constexpr std::int64_t kElements = 32768;
  return std::max<std::int64_t>(1, kElements / std::max<std::int64_t>(1, elements_per_row));
}

}  // namespace assay
