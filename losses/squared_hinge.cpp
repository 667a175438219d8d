// SPDX-License-Identifier: Apache-2.0
#include <assay/core/labels.h>
#include <assay/core/operators/elementwise.h>
#include <assay/losses/loss-inl.h>
#include <assay/losses/squared_hinge.h>

namespace assay::losses {
namespace {

struct SquaredHingeFormula {
  static constexpr auto name = "squared_hinge";
  static constexpr auto options = "";
  static at::Tensor elements(const at::Tensor& t, const at::Tensor& p) {
    return at::relu(1 - signed_labels(t) * p).square();
  }
  static ElementwiseKernel kernel(const at::Tensor& y_true) {
    return {kernels::cpu::Elementwise::kSquaredHinge, {.binary_labels = are_binary_labels(y_true)}};
  }
};

using SquaredHingeOperator = MeanOperator<SquaredHingeFormula>;

TORCH_LIBRARY_FRAGMENT(assay, library) { SquaredHingeOperator::define(library); }

}  // namespace

at::Tensor squared_hinge(const at::Tensor& y_true, const at::Tensor& y_pred) {
  return SquaredHingeOperator::call(y_true, y_pred);
}

LossValues SquaredHingeImpl::call(const at::Tensor& y_true, const at::Tensor& y_pred) const {
  return {squared_hinge(y_true, y_pred)};
}

void register_squared_hinge(LossRegistry& registry) { registry.add<SquaredHingeImpl>(); }

}  // namespace assay::losses
