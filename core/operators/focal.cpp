// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/operators/focal.h>
#include <assay/core/probabilities.h>

namespace assay {

at::Tensor focal_log(const at::Tensor& y_pred, bool from_logits, std::int64_t axis) {
  if (from_logits) return precise_log_softmax(y_pred, axis);
  if (!y_pred.is_cpu()) return log_probabilities(y_pred, false, axis);
  // In double, but clipped where the predictions' type is.
  const auto rounded = [&](double x) {
    return y_pred.scalar_type() == at::kDouble ? x : static_cast<double>(static_cast<float>(x));
  };
  return normalized(y_pred.to(at::kDouble), axis)
      .clamp(rounded(kEpsilon), rounded(1 - kEpsilon))
      .log();
}

at::Tensor focal_factor(const at::Tensor& missed, double gamma) {
  // Below this the factor's derivatives overflow for a small gamma, where the cost that it
  // multiplies is smaller still.
  constexpr double kSmallest = 1e-18;
  const auto factor = missed.clamp_min(kSmallest).pow(gamma);
  return at::where(missed.lt(kSmallest), missed.detach().clamp_min(0).pow(gamma), factor);
}

at::Tensor focal_cost(const at::Tensor& log_p, double gamma) {
  return -focal_factor(-log_p.expm1(), gamma) * log_p;
}

std::optional<at::Tensor> focal_class_weight(const NumberOrList& alpha,
                                             const ClassWeight& class_weight, std::int64_t classes,
                                             const at::Tensor& like) {
  const auto weight = class_weight.tensor(classes, like);
  if (!alpha.is_list()) return weight;
  const auto factor = class_tensor(alpha.numbers(), classes, like, "alpha");
  return weight ? *weight * factor : factor;
}

}  // namespace assay
