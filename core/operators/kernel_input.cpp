// SPDX-License-Identifier: Apache-2.0
#include <assay/core/dtype.h>
#include <assay/core/operators/kernel_input.h>

#ifdef __linux__
#include <sys/mman.h>
#endif

#include <memory>

namespace assay {

at::Tensor kernel_operand(const at::Tensor& tensor) {
  const auto dtype = tensor.scalar_type();
  const auto kept =
      at::isReducedFloatingType(dtype) && (dtype == at::kHalf || dtype == at::kBFloat16);
  return (kept ? tensor : tensor.to(compute_dtype(dtype))).contiguous();
}

std::pair<at::Tensor, at::Tensor> kernel_operands(const at::Tensor& y_true,
                                                  const at::Tensor& y_pred) {
  if (y_true.scalar_type() == y_pred.scalar_type()) {
    return {kernel_operand(y_true), kernel_operand(y_pred)};
  }
  // Labels may hold more digits than 16-bit predictions have.
  const auto dtype = compute_dtype(y_pred.scalar_type());
  return {y_true.to(dtype).contiguous(), y_pred.to(dtype).contiguous()};
}

at::Tensor empty_output(const at::Tensor& like) {
  auto result = at::empty_like(like, at::MemoryFormat::Contiguous);
#ifdef __linux__
  constexpr std::size_t kHugePage = 2 << 20;
  if (result.nbytes() >= 2 * kHugePage) {
    // The pages that lie in it as a whole. Where the system refuses, it stays as it was.
    void* begin = result.mutable_data_ptr();
    std::size_t space = result.nbytes();
    if (std::align(kHugePage, kHugePage, begin, space) != nullptr) {
      madvise(begin, space / kHugePage * kHugePage, MADV_HUGEPAGE);
    }
  }
#endif
  return result;
}

RowGradient row_gradient(const at::Tensor& grad, at::ScalarType compute) {
  bool broadcast = grad.numel() > 0;
  for (std::int64_t axis = 0; axis < grad.dim(); ++axis) {
    broadcast = broadcast && (grad.stride(axis) == 0 || grad.size(axis) == 1);
  }
  if (broadcast) {
    const auto one = grad.dim() == 0 ? grad : grad.as_strided({1}, {1});
    return {one.to(compute), 0};
  }
  return {grad.to(compute).contiguous(), 1};
}

}  // namespace assay
