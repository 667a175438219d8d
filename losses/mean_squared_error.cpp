// SPDX-License-Identifier: Apache-2.0
#include <assay/core/operators/elementwise.h>
#include <assay/losses/loss-inl.h>
#include <assay/losses/mean_squared_error.h>

namespace assay::losses {
namespace {

struct MeanSquaredErrorFormula {
  static constexpr auto name = "mean_squared_error";
  static constexpr auto options = "";
  static at::Tensor elements(const at::Tensor& t, const at::Tensor& p) { return (t - p).square(); }
  static ElementwiseKernel kernel() { return {kernels::cpu::Elementwise::kSquaredError}; }
};

using MeanSquaredErrorOperator = MeanOperator<MeanSquaredErrorFormula>;

TORCH_LIBRARY_FRAGMENT(assay, library) { MeanSquaredErrorOperator::define(library); }

}  // namespace

at::Tensor mean_squared_error(const at::Tensor& y_true, const at::Tensor& y_pred) {
  return MeanSquaredErrorOperator::call(y_true, y_pred);
}

LossValues MeanSquaredErrorImpl::call(const at::Tensor& y_true, const at::Tensor& y_pred) const {
  return {mean_squared_error(y_true, y_pred)};
}

void register_mean_squared_error(LossRegistry& registry) {
  registry.add<MeanSquaredErrorImpl>({"mse", "MSE"});
}

}  // namespace assay::losses
