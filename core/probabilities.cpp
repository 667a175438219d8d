// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/probabilities.h>

namespace assay {

at::Tensor clip_probabilities(const at::Tensor& probabilities) {
  return probabilities.clamp(kEpsilon, 1 - kEpsilon);
}

at::Tensor normalized(const at::Tensor& probabilities, std::int64_t axis) {
  const auto sum = probabilities.sum(axis, /*keepdim=*/true);
  const auto zero = sum.eq(0);
  const auto uniform = 1.0 / static_cast<double>(probabilities.size(axis));
  return at::where(zero, uniform, probabilities / at::where(zero, 1.0, sum));
}

std::pair<at::Tensor, at::Tensor> log_binary_probabilities(const at::Tensor& y_pred,
                                                           bool from_logits) {
  if (from_logits) return {at::log_sigmoid(y_pred), at::log_sigmoid(-y_pred)};
  const auto p = clip_probabilities(y_pred);
  return {p.log(), (-p).log1p()};
}

at::Tensor log_probabilities(const at::Tensor& y_pred, bool from_logits, std::int64_t axis) {
  return from_logits ? at::log_softmax(y_pred, axis)
                     : clip_probabilities(normalized(y_pred, axis)).log();
}

}  // namespace assay
