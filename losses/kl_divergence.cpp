// SPDX-License-Identifier: Apache-2.0
#include <assay/core/operators/elementwise.h>
#include <assay/core/probabilities.h>
#include <assay/losses/kl_divergence.h>
#include <assay/losses/loss-inl.h>

namespace assay::losses {
namespace {

struct KLDivergenceFormula {
  static constexpr auto name = "kl_divergence";
  static constexpr auto options = "";
  static at::Tensor composed(const at::Tensor& y_true, const at::Tensor& y_pred) {
    check_same_shape(y_true, y_pred);
    const auto t = as_numbers(y_true, y_pred).clamp(kEpsilon, 1);
    const auto p = y_pred.clamp(kEpsilon, 1);
    return (t * (t / p).log()).sum(-1);
  }
  static ElementwiseKernel kernel() {
    return {.loss = kernels::cpu::Elementwise::kKullbackLeibler, .mean = false};
  }
};

using KLDivergenceOperator = ElementwiseOperator<KLDivergenceFormula>;

TORCH_LIBRARY_FRAGMENT(assay, library) { KLDivergenceOperator::define(library); }

}  // namespace

at::Tensor kl_divergence(const at::Tensor& y_true, const at::Tensor& y_pred) {
  const auto [t, p] = align_same_shape(y_true, y_pred);
  return KLDivergenceOperator::call(t, p);
}

LossValues KLDivergenceImpl::call(const at::Tensor& y_true, const at::Tensor& y_pred) const {
  return {kl_divergence(y_true, y_pred)};
}

void register_kl_divergence(LossRegistry& registry) {
  registry.add<KLDivergenceImpl>({"kld", "KLD", "kullback_leibler_divergence"});
}

}  // namespace assay::losses
