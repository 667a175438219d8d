// SPDX-License-Identifier: Apache-2.0
#include <assay/core/operators/elementwise.h>
#include <assay/core/operators/row_products.h>
#include <assay/core/probabilities.h>
#include <assay/losses/dice.h>
#include <assay/losses/loss-inl.h>

namespace assay::losses {
namespace {

struct DiceFormula {
  static constexpr auto name = "dice";
  static constexpr auto options = "";
  static constexpr int statistics = 3;
  static at::Tensor composed(const at::Tensor& y_true, const at::Tensor& y_pred) {
    check_same_shape(y_true, y_pred);
    const auto t = as_numbers(y_true, y_pred);
    // 1 - 2 both / (total + epsilon) over one denominator: nothing cancels where masks agree.
    const auto apart = (t * (1 - y_pred) + (1 - t) * y_pred).sum(-1);
    return (apart + kEpsilon) / (t.sum(-1) + y_pred.sum(-1) + kEpsilon);
  }

  // With both = sum(t p) and all = sum(t) + sum(p) + epsilon the gradient is
  //   -2 t / all + 2 both / all^2.
  static RowProductsKernel kernel() {
    return {.values = of_each_row([](const ScaledProducts& row) -> RowProductsKernel::Value {
              const double apart = (row.t - row.tp) + (row.p - row.tp);
              const double all = row.t + row.p + kEpsilon;
              return {(apart + kEpsilon) / all, {row.tp / all, all, 0}};
            }),
            .slopes = of_each_row(
                [](const RowProductsKernel::Statistics& row) -> kernels::cpu::LinearGradient {
                  return {.scale = 2 / row[1], .of_true = -1, .constant = row[0]};
                })};
  }
};

using DiceOperator = RowProductsOperator<DiceFormula>;

TORCH_LIBRARY_FRAGMENT(assay, library) { DiceOperator::define(library); }

}  // namespace

at::Tensor dice(const at::Tensor& y_true, const at::Tensor& y_pred, const IntegerOrList& axis) {
  const auto [t, p] = align_same_shape(y_true, y_pred);
  return DiceOperator::call(flatten_axes_last(t, axis), flatten_axes_last(p, axis));
}

LossValues DiceImpl::call(const at::Tensor& y_true, const at::Tensor& y_pred) const {
  return {dice(y_true, y_pred, options().axis)};
}

void register_dice(LossRegistry& registry) { registry.add<DiceImpl>(); }

}  // namespace assay::losses
