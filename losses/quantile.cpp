// SPDX-License-Identifier: Apache-2.0
#include <assay/core/operators/elementwise.h>
#include <assay/losses/loss-inl.h>
#include <assay/losses/quantile.h>

namespace assay::losses {
namespace {

struct QuantileFormula {
  static constexpr auto name = "quantile";
  static constexpr auto options = ", float quantile=0.5";
  static at::Tensor elements(const at::Tensor& t, const at::Tensor& p, double quantile) {
    const auto error = t - p;
    return quantile * at::relu(error) + (1 - quantile) * at::relu(-error);
  }
  static ElementwiseKernel kernel(double quantile) {
    return {kernels::cpu::Elementwise::kQuantile, {.quantile = quantile}};
  }
};

using QuantileOperator = MeanOperator<QuantileFormula, double>;

TORCH_LIBRARY_FRAGMENT(assay, library) { QuantileOperator::define(library); }

}  // namespace

at::Tensor quantile(const at::Tensor& y_true, const at::Tensor& y_pred, double quantile) {
  return QuantileOperator::call(y_true, y_pred, quantile);
}

LossValues QuantileImpl::call(const at::Tensor& y_true, const at::Tensor& y_pred) const {
  return {losses::quantile(y_true, y_pred, options().quantile)};
}

void register_quantile(LossRegistry& registry) { registry.add<QuantileImpl>(); }

}  // namespace assay::losses
