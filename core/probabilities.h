// SPDX-License-Identifier: Apache-2.0
// Keras's fuzz: probabilities are kept this far from 0 and 1 before a logarithm.
#pragma once
#include <ATen/core/Tensor.h>

#include <utility>

namespace assay {

/// keras.config.epsilon().
inline constexpr double kEpsilon = 1e-7;

/// Clips to [epsilon, 1 - epsilon], in the tensor's own precision.
at::Tensor clip_probabilities(const at::Tensor& probabilities);

/// Divides by the sum over an axis; a row of zeros becomes uniform.
at::Tensor normalized(const at::Tensor& probabilities, std::int64_t axis);

/// log(p) and log(1 - p): log-sigmoids of logits, or logarithms of clipped probabilities.
std::pair<at::Tensor, at::Tensor> log_binary_probabilities(const at::Tensor& y_pred,
                                                           bool from_logits);

/// log_softmax whose largest class keeps its digits where it leaves the others far behind: the sum
/// is then 1 and next to nothing. It takes more passes over memory than log_softmax itself.
at::Tensor precise_log_softmax(const at::Tensor& logits, std::int64_t axis);

/// Log-probabilities with 0 for -infinity where their target is 0: that costs nothing, and 0 times
/// infinity is NaN.
at::Tensor finite_without_target(const at::Tensor& log_p, const at::Tensor& target);

/// The logarithms of class probabilities: log-softmax of logits; or of probabilities that are first
/// normalised, then clipped.
at::Tensor log_probabilities(const at::Tensor& y_pred, bool from_logits, std::int64_t axis);

}  // namespace assay
