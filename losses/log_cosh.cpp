// SPDX-License-Identifier: Apache-2.0
#include <assay/core/operators/elementwise.h>
#include <assay/losses/log_cosh.h>
#include <assay/losses/loss-inl.h>

#include <numbers>

namespace assay::losses {
namespace {

struct LogCoshFormula {
  static constexpr auto name = "log_cosh";
  static constexpr auto options = "";
  static at::Tensor elements(const at::Tensor& t, const at::Tensor& p) {
    const auto error = p - t;
    const auto size = error.abs();
    // Near 0 the difference of the far form would lose all its digits; far from 0 sinh overflows.
    const auto near = (2 * (error.clamp(-1, 1) / 2).sinh().square()).log1p();
    const auto far = size + (-2 * size).exp().log1p() - std::numbers::ln2;
    return at::where(size.le(1), near, far);
  }
  static ElementwiseKernel kernel() { return {kernels::cpu::Elementwise::kLogCosh}; }
};

using LogCoshOperator = MeanOperator<LogCoshFormula>;

TORCH_LIBRARY_FRAGMENT(assay, library) { LogCoshOperator::define(library); }

}  // namespace

at::Tensor log_cosh(const at::Tensor& y_true, const at::Tensor& y_pred) {
  return LogCoshOperator::call(y_true, y_pred);
}

LossValues LogCoshImpl::call(const at::Tensor& y_true, const at::Tensor& y_pred) const {
  return {log_cosh(y_true, y_pred)};
}

void register_log_cosh(LossRegistry& registry) { registry.add<LogCoshImpl>({"logcosh"}); }

}  // namespace assay::losses
