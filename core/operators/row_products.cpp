// SPDX-License-Identifier: Apache-2.0
#include <assay/core/operators/kernel_input.h>
#include <assay/core/operators/row_products.h>
#include <assay/core/shapes.h>

#include <algorithm>
#include <cmath>

namespace assay {
namespace {

using kernels::cpu::Compute;
using kernels::cpu::RowProducts;

// Long rows are taken in pieces of fixed size, so that they too run in parallel.
constexpr std::int64_t kPiece = 16384;

std::int64_t pieces_of(std::int64_t inner) { return (inner + kPiece - 1) / kPiece; }

// Calls work(row, first entry, entries, piece) for all pieces of all rows.
template <class Work>
void for_each_piece(std::int64_t rows, std::int64_t inner, const Work& work) {
  const auto pieces = pieces_of(inner);
  parallel_for(0, rows * pieces, rows_per_task(std::min(inner, kPiece)),
               [&](std::int64_t begin, std::int64_t end) {
                 for (auto piece = begin; piece < end; ++piece) {
                   const auto first = piece % pieces * kPiece;
                   work(piece / pieces, first, std::min(kPiece, inner - first), piece);
                 }
               });
}

// A scalar is one row of one element.
std::int64_t inner_of(const at::Tensor& tensor) { return tensor.dim() == 0 ? 1 : tensor.size(-1); }

double largest_magnitude(const double* numbers, std::int64_t n) {
  double result = 0;
  for (std::int64_t i = 0; i < n; ++i) result = std::max(result, std::abs(numbers[i]));
  return result;
}

// A row of float64 whose squares overflow, divided by its largest magnitudes.
ScaledProducts scaled_row(const double* t, const double* p, std::int64_t inner) {
  ScaledProducts row;
  row.t_scale = std::max(largest_magnitude(t, inner), 1.0);
  row.p_scale = std::max(largest_magnitude(p, inner), 1.0);
  for (std::int64_t i = 0; i < inner; ++i) {
    const double x = t[i] / row.t_scale;
    const double y = p[i] / row.p_scale;
    row += {x, y, x * x, y * y, x * y};
  }
  return row;
}

}  // namespace

std::vector<RowProducts> row_products_cpu(const at::Tensor& y_true, const at::Tensor& y_pred,
                                          const std::vector<RowProducts>& shifts) {
  const auto inner = inner_of(y_pred);
  if (inner == 0) return {};
  const auto rows = y_pred.numel() / inner;
  const auto pieces = pieces_of(inner);
  std::vector<RowProducts> sums(static_cast<std::size_t>(rows * pieces));
  dispatch_kernel_type(y_pred.scalar_type(), [&]<class T>() {
    const auto* t = kernel_data<T>(y_true);
    const auto* p = kernel_data<T>(y_pred);
    for_each_piece(rows, inner, [&](auto row, auto first, auto n, auto piece) {
      const auto at = row * inner + first;
      const auto shift = shifts.empty() ? RowProducts() : shifts[row];
      sums[piece] = kernels::cpu::row_products(t + at, p + at, n, shift.t, shift.p);
    });
  });
  if (pieces == 1) return sums;
  for (std::int64_t row = 0; row < rows; ++row) {
    RowProducts total;
    for (std::int64_t i = 0; i < pieces; ++i) total += sums[row * pieces + i];
    sums[row] = total;
  }
  sums.resize(static_cast<std::size_t>(rows));
  return sums;
}

std::vector<at::Tensor> row_products_forward_cpu(const at::Tensor& y_true, const at::Tensor& y_pred,
                                                 const RowProductsKernel& kernel) {
  check_same_shape(y_true, y_pred);
  const auto operands = kernel_operands(y_true, y_pred);
  const auto& t = operands.first;
  const auto& p = operands.second;
  const auto inner = inner_of(p);
  const auto shape = p.dim() == 0 ? p.sizes() : p.sizes().slice(0, p.dim() - 1);
  const auto like = p.options().dtype(compute_dtype(p.scalar_type()));
  std::vector<at::Tensor> outputs;
  for (int i = 0; i < 4; ++i) outputs.push_back(at::empty(shape, like));
  const auto rows = outputs[0].numel();
  // Rows without entries have sums too.
  const auto sums = inner == 0 ? std::vector<RowProducts>(static_cast<std::size_t>(rows))
                               : row_products_cpu(t, p);
  dispatch_kernel_type(like.dtype().toScalarType(), [&]<class C>() {
    C* to[4];
    for (int i = 0; i < 4; ++i) to[i] = mutable_kernel_data<C>(outputs[i]);
    for (std::int64_t row = 0; row < rows; ++row) {
      ScaledProducts products{sums[row]};
      if constexpr (std::is_same_v<C, double>) {
        if (kernel.may_scale && !std::isfinite(products.tt + products.pp)) {
          const auto at = row * inner;
          products = scaled_row(kernel_data<double>(t) + at, kernel_data<double>(p) + at, inner);
        }
      }
      const auto result = kernel.value(products);
      if constexpr (std::is_same_v<C, float> || std::is_same_v<C, double>) {
        to[0][row] = static_cast<C>(result.value);
        for (int i = 0; i < 3; ++i) to[i + 1][row] = static_cast<C>(result.statistics[i]);
      }
    }
  });
  return outputs;
}

at::Tensor row_products_backward_cpu(const at::Tensor& grad, const at::Tensor& y_true,
                                     const at::Tensor& y_pred, at::TensorList statistics,
                                     const RowProductsKernel& kernel) {
  const auto operands = kernel_operands(y_true, y_pred);
  const auto& t = operands.first;
  const auto& p = operands.second;
  const auto inner = inner_of(p);
  const auto row_grad = row_gradient(grad, compute_dtype(p.scalar_type()));
  const auto result = empty_output(p);
  if (p.numel() == 0) return result.to(y_pred.scalar_type());
  dispatch_kernel_type(p.scalar_type(), [&]<class T>() {
    using C = Compute<T>;
    const auto* t_data = kernel_data<T>(t);
    const auto* p_data = kernel_data<T>(p);
    const auto* g = kernel_data<C>(row_grad.tensor);
    const C* of_row[3];
    for (int i = 0; i < 3; ++i) of_row[i] = kernel_data<C>(statistics[i]);
    auto* to = mutable_kernel_data<T>(result);
    for_each_piece(p.numel() / inner, inner, [&](auto row, auto first, auto n, auto) {
      const auto at = row * inner + first;
      const double row_g = g[row * row_grad.stride];
      if (row_g == 0) {  // whatever the row holds
        std::fill(to + at, to + at + n, T{});
        return;
      }
      auto gradient = kernel.slope({of_row[0][row], of_row[1][row], of_row[2][row]});
      gradient.scale *= row_g;
      kernels::cpu::write_linear_gradient(t_data + at, p_data + at, n, gradient, to + at);
    });
  });
  return result.to(y_pred.scalar_type());
}

}  // namespace assay
