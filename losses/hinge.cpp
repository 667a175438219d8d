// SPDX-License-Identifier: Apache-2.0
#include <assay/core/labels.h>
#include <assay/core/operators/elementwise.h>
#include <assay/losses/hinge.h>
#include <assay/losses/loss-inl.h>

namespace assay::losses {
namespace {

struct HingeFormula {
  static constexpr auto name = "hinge";
  static constexpr auto options = "";
  static at::Tensor elements(const at::Tensor& t, const at::Tensor& p) {
    return at::relu(1 - signed_labels(t) * p);
  }
  static ElementwiseKernel kernel(const at::Tensor& y_true) {
    return {kernels::cpu::Elementwise::kHinge, {.binary_labels = are_binary_labels(y_true)}};
  }
};

using HingeOperator = MeanOperator<HingeFormula>;

TORCH_LIBRARY_FRAGMENT(assay, library) { HingeOperator::define(library); }

}  // namespace

at::Tensor hinge(const at::Tensor& y_true, const at::Tensor& y_pred) {
  return HingeOperator::call(y_true, y_pred);
}

LossValues HingeImpl::call(const at::Tensor& y_true, const at::Tensor& y_pred) const {
  return {hinge(y_true, y_pred)};
}

void register_hinge(LossRegistry& registry) { registry.add<HingeImpl>(); }

}  // namespace assay::losses
