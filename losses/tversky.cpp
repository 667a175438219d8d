// SPDX-License-Identifier: Apache-2.0
#include <assay/core/operators/elementwise.h>
#include <assay/core/operators/row_products.h>
#include <assay/core/probabilities.h>
#include <assay/losses/loss-inl.h>
#include <assay/losses/tversky.h>

namespace assay::losses {
namespace {

struct TverskyFormula {
  static constexpr auto name = "tversky";
  static constexpr auto options = ", float alpha=0.5, float beta=0.5";
  static constexpr int statistics = 3;
  static at::Tensor composed(const at::Tensor& y_true, const at::Tensor& y_pred, double alpha,
                             double beta) {
    check_same_shape(y_true, y_pred);
    const auto t = as_numbers(y_true, y_pred);
    const auto both = (t * y_pred).sum(-1);
    const auto missed = (t * (1 - y_pred)).sum(-1);
    const auto claimed = ((1 - t) * y_pred).sum(-1);
    // 1 - both / (both + apart) over one denominator: nothing cancels where masks agree.
    const auto apart = alpha * missed + beta * claimed + kEpsilon;
    return apart / (both + apart);
  }

  // With r = both / all, all = both + alpha missed + beta claimed + epsilon, the gradient is
  //   (-t + r (t - alpha t + beta (1 - t))) / all.
  static RowProductsKernel kernel(double alpha, double beta) {
    return {.values = of_each_row([=](const ScaledProducts& row) -> RowProductsKernel::Value {
              const double apart = alpha * (row.t - row.tp) + beta * (row.p - row.tp) + kEpsilon;
              const double all = row.tp + apart;
              return {apart / all, {row.tp / all, all, 0}};
            }),
            .slopes = of_each_row(
                [=](const RowProductsKernel::Statistics& row) -> kernels::cpu::LinearGradient {
                  return {.scale = 1 / row[1],
                          .of_true = -1 + row[0] * (1 - alpha - beta),
                          .constant = row[0] * beta};
                })};
  }
};

using TverskyOperator = RowProductsOperator<TverskyFormula, double, double>;

TORCH_LIBRARY_FRAGMENT(assay, library) { TverskyOperator::define(library); }

}  // namespace

at::Tensor tversky(const at::Tensor& y_true, const at::Tensor& y_pred, double alpha, double beta,
                   const IntegerOrList& axis) {
  const auto [t, p] = align_same_shape(y_true, y_pred);
  return TverskyOperator::call(flatten_axes_last(t, axis), flatten_axes_last(p, axis), alpha, beta);
}

LossValues TverskyImpl::call(const at::Tensor& y_true, const at::Tensor& y_pred) const {
  const auto& o = options();
  return {tversky(y_true, y_pred, o.alpha, o.beta, o.axis)};
}

void register_tversky(LossRegistry& registry) { registry.add<TverskyImpl>(); }

}  // namespace assay::losses
