// SPDX-License-Identifier: Apache-2.0
// The CPU kernels of sparse categorical crossentropy on tensors.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <vector>

#pragma GCC visibility push(hidden)
namespace assay {

/// The options of sparse categorical crossentropy.
struct SparseCrossentropyOptions {
  bool from_logits;                          ///< Predictions are logits, else probabilities.
  std::optional<std::int64_t> ignore_class;  ///< Rows of this label are 0; nothing: all count.
  std::int64_t axis;                         ///< Where the classes are.
  double label_smoothing;                    ///< a: the label's target is 1 - a + a / classes.
  std::optional<at::Tensor> class_weight;    ///< [classes]; nothing: all 1.
};

/// Values, then a row's largest logit and the sum of exponentials (from probabilities: the sum of
/// the clipped row, twice). Errors: ValueError for shapes, and for labels out of range.
std::vector<at::Tensor> sparse_crossentropy_forward_cpu(const at::Tensor& y_true,
                                                        const at::Tensor& y_pred,
                                                        const SparseCrossentropyOptions& options);

/// The gradient for the predictions, in their type; `statistics` are what stands after the values.
at::Tensor sparse_crossentropy_backward_cpu(const at::Tensor& grad, const at::Tensor& y_true,
                                            const at::Tensor& y_pred, at::TensorList statistics,
                                            const SparseCrossentropyOptions& options);

}  // namespace assay
#pragma GCC visibility pop
