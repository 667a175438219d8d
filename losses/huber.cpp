// SPDX-License-Identifier: Apache-2.0
#include <assay/core/operators/elementwise.h>
#include <assay/losses/huber.h>
#include <assay/losses/loss-inl.h>

namespace assay::losses {
namespace {

struct HuberFormula {
  static constexpr auto name = "huber";
  static constexpr auto options = ", float delta=1.0";
  static at::Tensor elements(const at::Tensor& t, const at::Tensor& p, double delta) {
    const auto error = p - t;
    const auto size = error.abs();
    return at::where(size.le(delta), error.square() / 2, delta * size - delta * delta / 2);
  }
  static ElementwiseKernel kernel(double delta) {
    return {kernels::cpu::Elementwise::kHuber, {.delta = delta}};
  }
};

using HuberOperator = MeanOperator<HuberFormula, double>;

TORCH_LIBRARY_FRAGMENT(assay, library) { HuberOperator::define(library); }

}  // namespace

at::Tensor huber(const at::Tensor& y_true, const at::Tensor& y_pred, double delta) {
  return HuberOperator::call(y_true, y_pred, delta);
}

LossValues HuberImpl::call(const at::Tensor& y_true, const at::Tensor& y_pred) const {
  return {huber(y_true, y_pred, options().delta)};
}

void register_huber(LossRegistry& registry) { registry.add<HuberImpl>({"huber_loss"}); }

}  // namespace assay::losses
