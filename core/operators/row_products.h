// SPDX-License-Identifier: Apache-2.0
// Losses that are functions of a few sums over the last axis: cosines and overlaps.
#pragma once
#include <assay/core/kernels/cpu/row_products.h>
#include <assay/core/operators/fused_operator.h>

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#pragma GCC visibility push(hidden)
namespace assay {

/// Sums of labels over t_scale and predictions over p_scale, which are 1 but where the squares
/// would overflow.
struct ScaledProducts : kernels::cpu::RowProducts {
  double t_scale = 1.0;  ///< What labels were divided by.
  double p_scale = 1.0;  ///< What predictions were divided by.
};

/// How the sums of a row become a loss and its gradient.
struct RowProductsKernel {
  /// What `slope` needs of a row.
  using Statistics = std::array<double, 3>;
  /// What becomes of a row's sums.
  struct Value {
    double value;           ///< The loss.
    Statistics statistics;  ///< Kept for backward.
  };

  /// The losses of rows from their sums.
  std::function<void(const ScaledProducts*, std::int64_t rows, Value*)> values;
  /// Their gradients for an output gradient of 1.
  std::function<void(const Statistics*, std::int64_t rows, kernels::cpu::LinearGradient*)> slopes;
  bool may_scale = false;  ///< Whether `values` heeds scales.
};

/// A function of one row as one of many: a row's roots and quotients need not wait for those of the
/// row before.
template <class Function>
auto of_each_row(Function of_row) {
  return [of_row](const auto* rows, std::int64_t number, auto* results) {
    for (std::int64_t i = 0; i < number; ++i) results[i] = of_row(rows[i]);
  };
}

/// Values, then three statistics. The sums do not depend on the number of threads.
std::vector<at::Tensor> row_products_forward_cpu(const at::Tensor& y_true, const at::Tensor& y_pred,
                                                 const RowProductsKernel& kernel);
/// The gradient for the predictions, in their type; `statistics` are what stands after the values.
at::Tensor row_products_backward_cpu(const at::Tensor& grad, const at::Tensor& y_true,
                                     const at::Tensor& y_pred, at::TensorList statistics,
                                     const RowProductsKernel& kernel);

/// Means, and sums of products of deviations from them: tt, pp and tp.
struct RowDeviations {
  double t_mean = 0.0;  ///< Of the labels.
  double p_mean = 0.0;  ///< Of the predictions.
  double tt = 0.0;      ///< Of labels with labels.
  double pp = 0.0;      ///< Of predictions with predictions.
  double tp = 0.0;      ///< Of labels with predictions.
};

/// Those of each row (last axis), which is not empty, of contiguous tensors of one shape and of one
/// type that the kernels know. Entries that are all equal deviate by exactly 0.
std::vector<RowDeviations> row_deviations_cpu(const at::Tensor& y_true, const at::Tensor& y_pred);

/// A FusedOperator whose formula names its kernel: static RowProductsKernel kernel(options...).
template <class Formula, class... Options>
class RowProductsOperator : public FusedOperator<Formula, Options...> {
 public:
  /// Defines the operators, with the CPU kernel for them.
  static void define(torch::Library& library) {
    FusedOperator<Formula, Options...>::define(library);
    FusedOperator<Formula, Options...>::implement(library, c10::DispatchKey::CPU, &forward,
                                                  &backward);
  }

 private:
  static std::vector<at::Tensor> forward(const at::Tensor& y_true, const at::Tensor& y_pred,
                                         Options... options) {
    return row_products_forward_cpu(y_true, y_pred, Formula::kernel(options...));
  }
  static at::Tensor backward(const at::Tensor& grad, const at::Tensor& y_true,
                             const at::Tensor& y_pred, at::TensorList statistics,
                             Options... options) {
    return row_products_backward_cpu(grad, y_true, y_pred, statistics, Formula::kernel(options...));
  }
};

}  // namespace assay
#pragma GCC visibility pop
