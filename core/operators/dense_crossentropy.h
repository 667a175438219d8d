// SPDX-License-Identifier: Apache-2.0
// The CPU kernels of categorical crossentropy on tensors.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <vector>

#pragma GCC visibility push(hidden)
namespace assay {

/// The options of categorical crossentropy.
struct DenseCrossentropyOptions {
  bool from_logits;                        ///< Predictions are logits, else probabilities.
  double label_smoothing;                  ///< a: targets are t (1 - a) + a / classes.
  std::int64_t axis;                       ///< Where the classes are.
  std::optional<at::Tensor> class_weight;  ///< [classes]; nothing: all 1.
};

/// Values, then what the backward function needs of each row: the largest logit, the sum of
/// exponentials and the sum of targets (from probabilities: the row's sum, twice, and the sum of
/// the targets whose probability is not clipped). Errors: ValueError for shapes.
std::vector<at::Tensor> dense_crossentropy_forward_cpu(const at::Tensor& y_true,
                                                       const at::Tensor& y_pred,
                                                       const DenseCrossentropyOptions& options);

/// The gradient for the predictions, in their type; `statistics` are what stands after the values.
at::Tensor dense_crossentropy_backward_cpu(const at::Tensor& grad, const at::Tensor& y_true,
                                           const at::Tensor& y_pred, at::TensorList statistics,
                                           const DenseCrossentropyOptions& options);

}  // namespace assay
#pragma GCC visibility pop
