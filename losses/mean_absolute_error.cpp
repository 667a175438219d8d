// SPDX-License-Identifier: Apache-2.0
#include <assay/core/operators/elementwise.h>
#include <assay/losses/loss-inl.h>
#include <assay/losses/mean_absolute_error.h>

namespace assay::losses {
namespace {

struct MeanAbsoluteErrorFormula {
  static constexpr auto name = "mean_absolute_error";
  static constexpr auto options = "";
  static at::Tensor elements(const at::Tensor& t, const at::Tensor& p) { return (t - p).abs(); }
  static ElementwiseKernel kernel() { return {kernels::cpu::Elementwise::kAbsoluteError}; }
};

using MeanAbsoluteErrorOperator = MeanOperator<MeanAbsoluteErrorFormula>;

TORCH_LIBRARY_FRAGMENT(assay, library) { MeanAbsoluteErrorOperator::define(library); }

}  // namespace

at::Tensor mean_absolute_error(const at::Tensor& y_true, const at::Tensor& y_pred) {
  return MeanAbsoluteErrorOperator::call(y_true, y_pred);
}

LossValues MeanAbsoluteErrorImpl::call(const at::Tensor& y_true, const at::Tensor& y_pred) const {
  return {mean_absolute_error(y_true, y_pred)};
}

void register_mean_absolute_error(LossRegistry& registry) {
  registry.add<MeanAbsoluteErrorImpl>({"mae", "MAE"});
}

}  // namespace assay::losses
