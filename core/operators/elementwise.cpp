// SPDX-License-Identifier: Apache-2.0
#include <assay/core/operators/early_gradient.h>
#include <assay/core/operators/elementwise.h>
#include <assay/core/operators/kernel_input.h>
#include <assay/core/operators/row_pieces.h>

#include <numeric>
#include <vector>

namespace assay {
namespace {

std::int64_t rows_of(const at::Tensor& tensor) {
  const auto inner = inner_of(tensor);
  return inner == 0 ? 0 : tensor.numel() / inner;
}

template <class T>
kernels::cpu::ElementwiseInput<T> kernel_input(const at::Tensor& t, const at::Tensor& p,
                                               std::int64_t inner,
                                               const ElementwiseKernel& kernel) {
  return {.loss = kernel.loss,
          .options = kernel.options,
          .y_true = kernel_data<T>(t),
          .y_pred = kernel_data<T>(p),
          .inner = inner,
          .divisor = kernel.mean ? static_cast<double>(inner) : 1.0};
}

// What elementwise_forward does for all rows, of more than one piece.
template <class T, class C = kernels::cpu::Compute<T>>
void forward_in_pieces(const kernels::cpu::ElementwiseInput<T>& input, std::int64_t rows, C* value,
                       C grad_value, T* grad) {
  const auto pieces = pieces_of(input.inner);
  std::vector<double> sums(static_cast<std::size_t>(rows * pieces));
  for_each_piece(rows, input.inner, [&](auto row, auto first, auto n, auto piece) {
    sums[piece] =
        kernels::cpu::elementwise_sum(input, row * input.inner + first, n, grad_value, grad);
  });
  for (std::int64_t row = 0; row < rows; ++row) {
    const auto* own = sums.data() + row * pieces;
    value[row] = static_cast<C>(std::accumulate(own, own + pieces, 0.0) / input.divisor);
  }
}

// What elementwise_backward does for all rows, of more than one piece.
template <class T, class C = kernels::cpu::Compute<T>>
void backward_in_pieces(const kernels::cpu::ElementwiseInput<T>& input, std::int64_t rows,
                        const C* grad_value, std::int64_t grad_stride, T* grad) {
  for_each_piece(rows, input.inner, [&](auto row, auto first, auto n, auto) {
    const auto at = row * input.inner + first;
    auto piece = input;
    piece.y_true += at;
    piece.y_pred += at;
    piece.inner = n;
    kernels::cpu::elementwise_backward(piece, 0, 1, grad_value + row * grad_stride, 0, grad + at);
  });
}

}  // namespace

at::Tensor mean_over_last_axis(const at::Tensor& elements) {
  if (elements.dim() == 0) return elements;
  if (elements.size(-1) == 0) return elements.sum(-1);
  return elements.mean(-1);
}

at::Tensor as_numbers(const at::Tensor& y_true, const at::Tensor& y_pred) {
  return at::isFloatingType(y_true.scalar_type()) ? y_true : y_true.to(y_pred.scalar_type());
}

at::Tensor axis_last(const at::Tensor& tensor, std::int64_t axis) {
  const auto rank = std::max<std::int64_t>(tensor.dim(), 1);
  TORCH_CHECK_VALUE(axis >= -rank && axis < rank, "axis is ", axis, ", the tensor has shape ",
                    describe(tensor.sizes()));
  return tensor.dim() < 2 ? tensor : tensor.movedim(axis, -1);
}

std::vector<at::Tensor> elementwise_forward_cpu(const at::Tensor& y_true, const at::Tensor& y_pred,
                                                const ElementwiseKernel& kernel) {
  check_same_shape(y_true, y_pred);
  const auto operands = kernel_operands(y_true, y_pred);
  const auto& t = operands.first;
  const auto& p = operands.second;
  const auto rows = rows_of(p);
  const auto inner = inner_of(p);
  const auto shape = p.dim() == 0 ? p.sizes() : p.sizes().slice(0, p.dim() - 1);
  const auto options = p.options().dtype(compute_dtype(p.scalar_type()));
  if (inner == 0) return {at::zeros(shape, options)};
  auto values = at::empty(shape, options);
  const auto early = early_gradient::asked(rows);
  const auto gradient = early ? empty_output(p) : at::Tensor();
  dispatch_kernel_type(p.scalar_type(), [&]<class T>() {
    using C = kernels::cpu::Compute<T>;
    const auto input = kernel_input<T>(t, p, inner, kernel);
    auto* value = mutable_kernel_data<C>(values);
    auto* grad = early ? mutable_kernel_data<T>(gradient) : nullptr;
    const auto grad_value = static_cast<C>(early.value_or(0));
    if (pieces_of(inner) > 1) return forward_in_pieces(input, rows, value, grad_value, grad);
    parallel_for(0, rows, rows_per_task(inner), [&](std::int64_t begin, std::int64_t end) {
      kernels::cpu::elementwise_forward(input, begin, end, value, grad_value, grad);
    });
  });
  if (early) early_gradient::give(gradient.to(y_pred.scalar_type()), *early);
  return {values};
}

at::Tensor elementwise_backward_cpu(const at::Tensor& grad, const at::Tensor& y_true,
                                    const at::Tensor& y_pred, const ElementwiseKernel& kernel) {
  const auto operands = kernel_operands(y_true, y_pred);
  const auto& t = operands.first;
  const auto& p = operands.second;
  const auto rows = rows_of(p);
  const auto inner = inner_of(p);
  const auto row_grad = row_gradient(grad, compute_dtype(p.scalar_type()));
  auto result = empty_output(p);
  if (p.numel() == 0) return result.to(y_pred.scalar_type());
  dispatch_kernel_type(p.scalar_type(), [&]<class T>() {
    const auto input = kernel_input<T>(t, p, inner, kernel);
    const auto* grad_value = kernel_data<kernels::cpu::Compute<T>>(row_grad.tensor);
    auto* grad_data = mutable_kernel_data<T>(result);
    if (pieces_of(inner) > 1) {
      return backward_in_pieces(input, rows, grad_value, row_grad.stride, grad_data);
    }
    parallel_for(0, rows, rows_per_task(inner), [&](std::int64_t begin, std::int64_t end) {
      kernels::cpu::elementwise_backward(input, begin, end, grad_value, row_grad.stride, grad_data);
    });
  });
  return result.to(y_pred.scalar_type());
}

}  // namespace assay
