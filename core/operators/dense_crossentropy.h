// SPDX-License-Identifier: Apache-2.0
// The CPU kernels of categorical crossentropy on tensors.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace assay {

struct DenseCrossentropyOptions {
  bool from_logits;
  double label_smoothing;
  std::int64_t axis;
  std::optional<at::Tensor> class_weight;
};

/// Values, then what the backward function needs of each row: the largest logit, the sum of
/// exponentials and the sum of targets (from probabilities: the row's sum, twice, and the sum of
/// the targets whose probability is not clipped). Errors: ValueError for shapes.
std::vector<at::Tensor> dense_crossentropy_forward_cpu(const at::Tensor& y_true,
                                                       const at::Tensor& y_pred,
                                                       const DenseCrossentropyOptions& options);

at::Tensor dense_crossentropy_backward_cpu(const at::Tensor& grad, const at::Tensor& y_true,
                                           const at::Tensor& y_pred, at::TensorList statistics,
                                           const DenseCrossentropyOptions& options);

}  // namespace assay
