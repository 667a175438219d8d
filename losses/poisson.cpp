// SPDX-License-Identifier: Apache-2.0
#include <assay/core/operators/elementwise.h>
#include <assay/core/probabilities.h>
#include <assay/losses/loss-inl.h>
#include <assay/losses/poisson.h>

namespace assay::losses {
namespace {

struct PoissonFormula {
  static constexpr auto name = "poisson";
  static constexpr auto options = "";
  static at::Tensor elements(const at::Tensor& t, const at::Tensor& p) {
    return p - t * (p + kEpsilon).log();
  }
  static ElementwiseKernel kernel() { return {kernels::cpu::Elementwise::kPoisson}; }
};

using PoissonOperator = MeanOperator<PoissonFormula>;

TORCH_LIBRARY_FRAGMENT(assay, library) { PoissonOperator::define(library); }

}  // namespace

at::Tensor poisson(const at::Tensor& y_true, const at::Tensor& y_pred) {
  return PoissonOperator::call(y_true, y_pred);
}

LossValues PoissonImpl::call(const at::Tensor& y_true, const at::Tensor& y_pred) const {
  return {poisson(y_true, y_pred)};
}

void register_poisson(LossRegistry& registry) { registry.add<PoissonImpl>(); }

}  // namespace assay::losses
