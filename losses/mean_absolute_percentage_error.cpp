// SPDX-License-Identifier: Apache-2.0
#include <assay/core/operators/elementwise.h>
#include <assay/core/probabilities.h>
#include <assay/losses/loss-inl.h>
#include <assay/losses/mean_absolute_percentage_error.h>

namespace assay::losses {
namespace {

struct MeanAbsolutePercentageErrorFormula {
  static constexpr auto name = "mean_absolute_percentage_error";
  static constexpr auto options = "";
  static at::Tensor elements(const at::Tensor& t, const at::Tensor& p) {
    return 100 * ((t - p) / t.abs().clamp_min(kEpsilon)).abs();
  }
  static ElementwiseKernel kernel() {
    return {kernels::cpu::Elementwise::kAbsolutePercentageError};
  }
};

using MeanAbsolutePercentageErrorOperator = MeanOperator<MeanAbsolutePercentageErrorFormula>;

TORCH_LIBRARY_FRAGMENT(assay, library) { MeanAbsolutePercentageErrorOperator::define(library); }

}  // namespace

at::Tensor mean_absolute_percentage_error(const at::Tensor& y_true, const at::Tensor& y_pred) {
  return MeanAbsolutePercentageErrorOperator::call(y_true, y_pred);
}

LossValues MeanAbsolutePercentageErrorImpl::call(const at::Tensor& y_true,
                                                 const at::Tensor& y_pred) const {
  return {mean_absolute_percentage_error(y_true, y_pred)};
}

void register_mean_absolute_percentage_error(LossRegistry& registry) {
  registry.add<MeanAbsolutePercentageErrorImpl>({"mape", "MAPE"});
}

}  // namespace assay::losses
