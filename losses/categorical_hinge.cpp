// SPDX-License-Identifier: Apache-2.0
#include <assay/core/operators/elementwise.h>
#include <assay/losses/categorical_hinge.h>
#include <assay/losses/loss-inl.h>

namespace assay::losses {
namespace {

struct CategoricalHingeFormula {
  static constexpr auto name = "categorical_hinge";
  static constexpr auto options = "";
  static at::Tensor composed(const at::Tensor& y_true, const at::Tensor& y_pred) {
    check_same_shape(y_true, y_pred);
    const auto t = as_numbers(y_true, y_pred);
    const auto positive = (t * y_pred).sum(-1);
    const auto negative = ((1 - t) * y_pred).amax(-1);
    return at::relu(negative - positive + 1);
  }
};

using CategoricalHingeOperator = FusedOperator<CategoricalHingeFormula>;

TORCH_LIBRARY_FRAGMENT(assay, library) { CategoricalHingeOperator::define(library); }

}  // namespace

at::Tensor categorical_hinge(const at::Tensor& y_true, const at::Tensor& y_pred) {
  const auto [t, p] = align_same_shape(y_true, y_pred);
  TORCH_CHECK_VALUE(p.dim() > 0 && p.size(-1) > 0, "y_pred has shape ", describe(y_pred.sizes()),
                    "; expected scores of at least one class on the last axis");
  return CategoricalHingeOperator::call(t, p);
}

LossValues CategoricalHingeImpl::call(const at::Tensor& y_true, const at::Tensor& y_pred) const {
  return {categorical_hinge(y_true, y_pred)};
}

void register_categorical_hinge(LossRegistry& registry) { registry.add<CategoricalHingeImpl>(); }

}  // namespace assay::losses
