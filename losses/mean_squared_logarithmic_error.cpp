// SPDX-License-Identifier: Apache-2.0
#include <assay/core/operators/elementwise.h>
#include <assay/core/probabilities.h>
#include <assay/losses/loss-inl.h>
#include <assay/losses/mean_squared_logarithmic_error.h>

namespace assay::losses {
namespace {

struct MeanSquaredLogarithmicErrorFormula {
  static constexpr auto name = "mean_squared_logarithmic_error";
  static constexpr auto options = "";
  static at::Tensor elements(const at::Tensor& t, const at::Tensor& p) {
    return (t.clamp_min(kEpsilon).log1p() - p.clamp_min(kEpsilon).log1p()).square();
  }
  static ElementwiseKernel kernel() {
    return {kernels::cpu::Elementwise::kSquaredLogarithmicError};
  }
};

using MeanSquaredLogarithmicErrorOperator = MeanOperator<MeanSquaredLogarithmicErrorFormula>;

TORCH_LIBRARY_FRAGMENT(assay, library) { MeanSquaredLogarithmicErrorOperator::define(library); }

}  // namespace

at::Tensor mean_squared_logarithmic_error(const at::Tensor& y_true, const at::Tensor& y_pred) {
  return MeanSquaredLogarithmicErrorOperator::call(y_true, y_pred);
}

LossValues MeanSquaredLogarithmicErrorImpl::call(const at::Tensor& y_true,
                                                 const at::Tensor& y_pred) const {
  return {mean_squared_logarithmic_error(y_true, y_pred)};
}

void register_mean_squared_logarithmic_error(LossRegistry& registry) {
  registry.add<MeanSquaredLogarithmicErrorImpl>({"msle", "MSLE"});
}

}  // namespace assay::losses
