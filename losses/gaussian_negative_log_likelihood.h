// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/losses/loss.h>

namespace assay::losses {

/// Options of `GaussianNegativeLogLikelihood`.
struct GaussianNegativeLogLikelihoodOptions {
  static constexpr auto class_name = "GaussianNegativeLogLikelihood";
  bool full = false;
  Reduction reduction = Reduction::kSumOverBatchSize;
  std::string name = "gaussian_negative_log_likelihood";
  std::optional<at::ScalarType> dtype;

  static constexpr auto fields() {
    using Self = GaussianNegativeLogLikelihoodOptions;
    return assay::fields(field("full", &Self::full, "Add the constant log(2 pi) / 2."),
                         loss_fields<Self>());
  }
};

/// Minus the log-likelihood of labels under predicted normal distributions, averaged over the last
/// axis. The first half of y_pred's last axis are means m, the second half log-variances s:
///
///   mean((s + (y_true - m)^2 exp(-s)) / 2), and with `full` + log(2 pi) / 2
///
/// Shapes: y_true [batch, d0 .. dN], y_pred [batch, d0 .. 2 dN]; values [batch, d0 .. dN-1]. Labels
/// of shape [batch] go with predictions [batch, 2].
/// Errors: ValueError for shapes that do not fit. Source: torch.nn.GaussianNLLLoss, which takes
/// variances; Keras has no such loss.
at::Tensor gaussian_negative_log_likelihood(const at::Tensor& y_true, const at::Tensor& y_pred,
                                            bool full = false);

/// The loss of `gaussian_negative_log_likelihood`.
class GaussianNegativeLogLikelihoodImpl final
    : public LossOf<GaussianNegativeLogLikelihoodImpl, GaussianNegativeLogLikelihoodOptions> {
 public:
  using LossOf::LossOf;
  LossValues call(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

/// The holder of `GaussianNegativeLogLikelihoodImpl`.
using GaussianNegativeLogLikelihood = LossHolder<GaussianNegativeLogLikelihoodImpl>;

}  // namespace assay::losses
