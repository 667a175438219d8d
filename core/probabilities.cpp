// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/probabilities.h>

#include <limits>

namespace assay {

at::Tensor clip_probabilities(const at::Tensor& probabilities) {
  return probabilities.clamp(kEpsilon, 1 - kEpsilon);
}

at::Tensor normalized(const at::Tensor& probabilities, std::int64_t axis) {
  const auto sum = probabilities.sum(axis, /*keepdim=*/true);
  const auto zero = sum.eq(0);
  const auto uniform = 1.0 / static_cast<double>(probabilities.size(axis));
  // A tiny sum has an infinite inverse, which times a gradient of 0 is NaN.
  const auto scale = at::where(sum.detach().abs().lt(1e-30), 0x1p100, 1.0).to(sum.scalar_type());
  return at::where(zero, uniform, probabilities * scale / at::where(zero, 1.0, sum * scale));
}

std::pair<at::Tensor, at::Tensor> log_binary_probabilities(const at::Tensor& y_pred,
                                                           bool from_logits) {
  if (from_logits) return {at::log_sigmoid(y_pred), at::log_sigmoid(-y_pred)};
  const auto p = clip_probabilities(y_pred);
  return {p.log(), (-p).log1p()};
}

at::Tensor precise_log_softmax(const at::Tensor& logits, std::int64_t axis) {
  if (logits.numel() == 0) return at::log_softmax(logits, axis);
  const auto shifted = logits - logits.detach().amax(axis, /*keepdim=*/true);
  const auto is_largest = shifted.eq(0);
  const auto others = is_largest.sum(axis, /*keepdim=*/true) - 1;  // as large
  const auto rest = at::where(is_largest, shifted.expm1(), shifted.exp()).sum(axis, true) + others;
  return shifted - rest.log1p();
}

at::Tensor finite_without_target(const at::Tensor& log_p, const at::Tensor& target) {
  constexpr auto kImpossible = -std::numeric_limits<double>::infinity();
  return log_p.masked_fill(target.eq(0).logical_and(log_p.eq(kImpossible)), 0);
}

at::Tensor log_probabilities(const at::Tensor& y_pred, bool from_logits, std::int64_t axis) {
  return from_logits ? at::log_softmax(y_pred, axis)
                     : clip_probabilities(normalized(y_pred, axis)).log();
}

}  // namespace assay
