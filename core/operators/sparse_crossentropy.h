// SPDX-License-Identifier: Apache-2.0
// The CPU kernels of sparse categorical crossentropy on tensors.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace assay {

struct SparseCrossentropyOptions {
  bool from_logits;
  std::optional<std::int64_t> ignore_class;
  std::int64_t axis;
  double label_smoothing;
  std::optional<at::Tensor> class_weight;
};

/// Values, then a row's largest logit and the sum of exponentials (from probabilities: the sum of
/// the clipped row, twice). Errors: ValueError for shapes, and for labels out of range.
std::vector<at::Tensor> sparse_crossentropy_forward_cpu(const at::Tensor& y_true,
                                                        const at::Tensor& y_pred,
                                                        const SparseCrossentropyOptions& options);

at::Tensor sparse_crossentropy_backward_cpu(const at::Tensor& grad, const at::Tensor& y_true,
                                            const at::Tensor& y_pred, at::TensorList statistics,
                                            const SparseCrossentropyOptions& options);

}  // namespace assay
