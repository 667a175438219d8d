// SPDX-License-Identifier: Apache-2.0
#include <assay/core/operators/elementwise.h>
#include <assay/losses/gaussian_negative_log_likelihood.h>
#include <assay/losses/loss-inl.h>

#include <cmath>
#include <numbers>

namespace assay::losses {
namespace {

struct GaussianNegativeLogLikelihoodFormula {
  static constexpr auto name = "gaussian_negative_log_likelihood";
  static constexpr auto options = ", bool full=False";
  static at::Tensor composed(const at::Tensor& y_true, const at::Tensor& y_pred, bool full) {
    const auto mean = y_pred.narrow(-1, 0, y_true.size(-1));
    const auto log_variance = y_pred.narrow(-1, y_true.size(-1), y_true.size(-1));
    // The inverse variance in two factors: beyond `far` one alone would be infinite, and so would
    // both for a variance twice as small, which times an error of 0 is NaN.
    const auto far = y_pred.scalar_type() == at::kDouble ? 700.0 : 80.0;
    const auto near = log_variance.detach().clamp(-far, far);
    const auto scaled = (y_true - mean) * ((log_variance - near).clamp_min(-far) / -2).exp();
    const auto square = (-near).exp() * scaled * scaled;
    const auto values = mean_over_last_axis((log_variance + square) / 2);
    return full ? values + std::log(2 * std::numbers::pi) / 2 : values;
  }
};

using GaussianNegativeLogLikelihoodOperator =
    FusedOperator<GaussianNegativeLogLikelihoodFormula, bool>;

TORCH_LIBRARY_FRAGMENT(assay, library) { GaussianNegativeLogLikelihoodOperator::define(library); }

}  // namespace

at::Tensor gaussian_negative_log_likelihood(const at::Tensor& y_true, const at::Tensor& y_pred,
                                            bool full) {
  const auto t = y_true.dim() == 1 && y_pred.dim() == 2 && y_pred.size(-1) == 2
                     ? y_true.unsqueeze(-1)
                     : y_true;
  auto expected = t.sizes().vec();
  if (!expected.empty()) expected.back() *= 2;
  TORCH_CHECK_VALUE(!expected.empty() && y_pred.sizes() == expected, "y_true has shape ",
                    describe(y_true.sizes()), ", y_pred has shape ", describe(y_pred.sizes()),
                    "; expected means and log-variances, a last axis twice as long as the labels'");
  return GaussianNegativeLogLikelihoodOperator::call(t, y_pred, full);
}

LossValues GaussianNegativeLogLikelihoodImpl::call(const at::Tensor& y_true,
                                                   const at::Tensor& y_pred) const {
  return {gaussian_negative_log_likelihood(y_true, y_pred, options().full)};
}

void register_gaussian_negative_log_likelihood(LossRegistry& registry) {
  registry.add<GaussianNegativeLogLikelihoodImpl>();
}

}  // namespace assay::losses
