// SPDX-License-Identifier: Apache-2.0
#include <assay/core/labels.h>
#include <assay/core/operators/fused_operator.h>
#include <assay/losses/categorical_generalized_cross_entropy.h>
#include <assay/losses/loss-inl.h>

namespace assay::losses {
namespace {

struct CategoricalGeneralizedCrossEntropyFormula {
  static constexpr auto name = "categorical_generalized_cross_entropy";
  static constexpr auto options = ", float q=0.5";
  static at::Tensor composed(const at::Tensor& y_true, const at::Tensor& y_pred, double q) {
    const auto rows = sparse_rows(y_true, y_pred, -1);
    const auto p = y_pred.gather(-1, rows.labels.unsqueeze(-1)).squeeze(-1);
    // The power's derivative is infinite at 0.
    const auto impossible = p.le(0);
    const auto log_p = at::where(impossible, 1.0, p).log();
    return at::where(impossible, 1.0, -(q * log_p).expm1()) / q;
  }
};

using CategoricalGeneralizedCrossEntropyOperator =
    FusedOperator<CategoricalGeneralizedCrossEntropyFormula, double>;

TORCH_LIBRARY_FRAGMENT(assay, library) {
  CategoricalGeneralizedCrossEntropyOperator::define(library);
}

}  // namespace

at::Tensor categorical_generalized_cross_entropy(const at::Tensor& y_true, const at::Tensor& y_pred,
                                                 double q) {
  return CategoricalGeneralizedCrossEntropyOperator::call(sparse_labels(y_true, y_pred, -1), y_pred,
                                                          q);
}

LossValues CategoricalGeneralizedCrossEntropyImpl::call(const at::Tensor& y_true,
                                                        const at::Tensor& y_pred) const {
  return {categorical_generalized_cross_entropy(y_true, y_pred, options().q)};
}

void register_categorical_generalized_cross_entropy(LossRegistry& registry) {
  registry.add<CategoricalGeneralizedCrossEntropyImpl>();
}

}  // namespace assay::losses
