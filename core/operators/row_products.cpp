// SPDX-License-Identifier: Apache-2.0
#include <assay/core/kernels/cpu/scalar_conversion.h>
#include <assay/core/operators/early_gradient.h>
#include <assay/core/operators/kernel_input.h>
#include <assay/core/operators/row_pieces.h>
#include <assay/core/operators/row_products.h>
#include <assay/core/shapes.h>

#include <algorithm>
#include <cmath>

namespace assay {
namespace {

using kernels::cpu::Compute;
using kernels::cpu::LinearGradient;
using kernels::cpu::RowProducts;

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

// Values, statistics and early gradients of rows.
template <class T>
struct ForwardRows {
  using C = Compute<T>;
  // Rows that are taken together stay in the first-level cache until their gradients are written.
  // Measured: 1024 elements, as many as the kernel asks for ahead, take 8% less time than 2048.
  static constexpr std::int64_t kMostRows = 16;
  static constexpr std::int64_t kElements = 1024;

  const RowProductsKernel& kernel;
  const T* t;
  const T* p;
  std::int64_t inner;
  T* grad;            // null where it is not wanted
  double grad_value;  // of each value
  std::array<C*, 4> outputs{};
  std::vector<RowProducts> sums{};  // of rows of several pieces

  void run(std::int64_t begin, std::int64_t end) const {
    const auto step =
        std::clamp<std::int64_t>(kElements / std::max<std::int64_t>(inner, 1), 1, kMostRows);
    for (auto first = begin; first < end; first += step) take(first, std::min(step, end - first));
  }

 private:
  void take(std::int64_t first, std::int64_t rows) const {
    std::array<RowProducts, kMostRows> products;
    if (sums.empty()) {
      kernels::cpu::products_of_rows(t + first * inner, p + first * inner, rows, inner,
                                     products.data());
    } else {
      std::copy_n(sums.data() + first, rows, products.data());
    }
    std::array<ScaledProducts, kMostRows> of_row;
    for (std::int64_t i = 0; i < rows; ++i) {
      of_row[i] = {products[i]};
      if constexpr (std::is_same_v<T, double>) {
        const auto at = (first + i) * inner;
        if (kernel.may_scale && !std::isfinite(products[i].tt + products[i].pp)) {
          of_row[i] = scaled_row(t + at, p + at, inner);
        }
      }
    }
    std::array<RowProductsKernel::Value, kMostRows> results;
    kernel.values(of_row.data(), rows, results.data());
    std::array<RowProductsKernel::Statistics, kMostRows> kept;  // as backward finds them
    for (std::int64_t i = 0; i < rows; ++i) {
      outputs[0][first + i] = static_cast<C>(results[i].value);
      for (int k = 0; k < 3; ++k) {
        kept[i][k] = outputs[k + 1][first + i] = static_cast<C>(results[i].statistics[k]);
      }
    }
    if (grad == nullptr) return;
    std::array<LinearGradient, kMostRows> slopes;
    kernel.slopes(kept.data(), rows, slopes.data());
    for (std::int64_t i = 0; i < rows; ++i) {
      const auto at = (first + i) * inner;
      slopes[i].scale *= grad_value;
      kernels::cpu::write_linear_gradient(t + at, p + at, inner, slopes[i], grad + at);
    }
  }
};

// of_piece(y_true, y_pred, entries) of all pieces, row by row.
template <class Result, class OfPiece>
std::vector<Result> for_all_pieces(const at::Tensor& y_true, const at::Tensor& y_pred,
                                   const OfPiece& of_piece) {
  const auto inner = inner_of(y_pred);
  const auto rows = y_pred.numel() / inner;
  std::vector<Result> results(static_cast<std::size_t>(rows * pieces_of(inner)));
  dispatch_kernel_type(y_pred.scalar_type(), [&]<class T>() {
    const auto* t = kernel_data<T>(y_true);
    const auto* p = kernel_data<T>(y_pred);
    for_each_piece(rows, inner, [&](auto row, auto first, auto n, auto piece) {
      const auto at = row * inner + first;
      results[piece] = of_piece(t + at, p + at, n);
    });
  });
  return results;
}

std::vector<RowProducts> row_products_cpu(const at::Tensor& y_true, const at::Tensor& y_pred) {
  auto sums = for_all_pieces<RowProducts>(
      y_true, y_pred, [](auto* t, auto* p, auto n) { return kernels::cpu::row_products(t, p, n); });
  const auto pieces = pieces_of(inner_of(y_pred));
  if (pieces == 1) return sums;
  const auto rows = static_cast<std::int64_t>(sums.size()) / pieces;
  for (std::int64_t row = 0; row < rows; ++row) {
    RowProducts total;
    for (std::int64_t i = 0; i < pieces; ++i) total += sums[row * pieces + i];
    sums[row] = total;
  }
  sums.resize(static_cast<std::size_t>(rows));
  return sums;
}

// In one reading, from a number near the mean: that of the first k of n entries, whose square
// distance from the mean is less than n / k times the variance. So many times the rounding error is
// what it costs.
template <class T>
RowDeviations deviations_of(const T* t, const T* p, std::int64_t n) {
  const auto k = std::min<std::int64_t>(n, 1024);
  auto t_shift = static_cast<double>(kernels::cpu::to_compute(t[0]));
  auto p_shift = static_cast<double>(kernels::cpu::to_compute(p[0]));
  const auto some = kernels::cpu::row_products(t, p, k, t_shift, p_shift);
  t_shift += some.t / static_cast<double>(k);
  p_shift += some.p / static_cast<double>(k);
  const auto sums = kernels::cpu::row_products(t, p, n, t_shift, p_shift);
  const double t_rest = sums.t / static_cast<double>(n);
  const double p_rest = sums.p / static_cast<double>(n);
  return {t_shift + t_rest, p_shift + p_rest, sums.tt - sums.t * t_rest, sums.pp - sums.p * p_rest,
          sums.tp - sums.t * p_rest};
}

// Chan, Golub, LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances"
// (1979): `of_piece` are those of the pieces of a row of `inner` entries. Means are taken from the
// first, so that equal ones stay as they are.
RowDeviations merge_pieces(const RowDeviations* of_piece, std::int64_t inner) {
  const auto pieces = pieces_of(inner);
  const auto share = [&](std::int64_t i) {
    return static_cast<double>(std::min(kPiece, inner - i * kPiece));
  };
  RowDeviations row{of_piece[0].t_mean, of_piece[0].p_mean};
  for (std::int64_t i = 1; i < pieces; ++i) {
    const double part = share(i) / static_cast<double>(inner);
    row.t_mean += part * (of_piece[i].t_mean - of_piece[0].t_mean);
    row.p_mean += part * (of_piece[i].p_mean - of_piece[0].p_mean);
  }
  for (std::int64_t i = 0; i < pieces; ++i) {
    const double t = of_piece[i].t_mean - row.t_mean;
    const double p = of_piece[i].p_mean - row.p_mean;
    row.tt += of_piece[i].tt + share(i) * t * t;
    row.pp += of_piece[i].pp + share(i) * p * p;
    row.tp += of_piece[i].tp + share(i) * t * p;
  }
  return row;
}

}  // namespace

std::vector<RowDeviations> row_deviations_cpu(const at::Tensor& y_true, const at::Tensor& y_pred) {
  auto deviations = for_all_pieces<RowDeviations>(
      y_true, y_pred, [](auto* t, auto* p, auto n) { return deviations_of(t, p, n); });
  const auto inner = inner_of(y_pred);
  const auto pieces = pieces_of(inner);
  if (pieces == 1) return deviations;
  const auto rows = static_cast<std::int64_t>(deviations.size()) / pieces;
  for (std::int64_t row = 0; row < rows; ++row) {
    deviations[row] = merge_pieces(deviations.data() + row * pieces, inner);
  }
  deviations.resize(static_cast<std::size_t>(rows));
  return deviations;
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
  // The gradient of a row that is one piece is written while the row is in the caches.
  const auto early = pieces_of(inner) == 1 ? early_gradient::asked(rows) : std::nullopt;
  const auto gradient = early ? empty_output(p) : at::Tensor();
  dispatch_kernel_type(p.scalar_type(), [&]<class T>() {
    ForwardRows<T> forward = {.kernel = kernel,
                              .t = kernel_data<T>(t),
                              .p = kernel_data<T>(p),
                              .inner = inner,
                              .grad = early ? mutable_kernel_data<T>(gradient) : nullptr,
                              .grad_value = static_cast<Compute<T>>(early.value_or(0))};
    for (int i = 0; i < 4; ++i) forward.outputs[i] = mutable_kernel_data<Compute<T>>(outputs[i]);
    if (pieces_of(inner) > 1) forward.sums = row_products_cpu(t, p);
    parallel_for(0, rows, rows_per_task(inner),
                 [&](std::int64_t begin, std::int64_t end) { forward.run(begin, end); });
  });
  if (early) early_gradient::give(gradient.to(y_pred.scalar_type()), *early);
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
      const RowProductsKernel::Statistics kept = {of_row[0][row], of_row[1][row], of_row[2][row]};
      LinearGradient gradient;
      kernel.slopes(&kept, 1, &gradient);
      gradient.scale *= row_g;
      kernels::cpu::write_linear_gradient(t_data + at, p_data + at, n, gradient, to + at);
    });
  });
  return result.to(y_pred.scalar_type());
}

}  // namespace assay
