// SPDX-License-Identifier: Apache-2.0
// Sparse crossentropy of a linear classifier, of which the logits are never all stored: they are
// made block by block, forward and again backward.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>

#pragma GCC visibility push(hidden)
namespace assay {

/// The classifier and its labels; everything on the CPU.
struct LinearCrossentropyInput {
  at::Tensor labels;                         ///< int64 [rows], in [0, classes) or ignore_class
  at::Tensor hidden;                         ///< [rows, features]
  at::Tensor weight;                         ///< [classes, features]
  at::Tensor bias;                           ///< [classes], or undefined
  std::optional<std::int64_t> ignore_class;  ///< Rows of this label are 0; nothing: all count.
  double label_smoothing = 0;                ///< In [0, 1].
};

/// One number for each row, in the compute type of `hidden`.
struct LinearCrossentropyRows {
  at::Tensor values;  ///< the crossentropy
  at::Tensor max;     ///< the largest logit
  at::Tensor sum;     ///< of exp(logit - max)
};

/// The values, and what backward needs beside them.
LinearCrossentropyRows linear_crossentropy_forward_cpu(const LinearCrossentropyInput& input);

/// Which gradients are needed.
struct LinearCrossentropyWants {
  bool hidden = false;  ///< That of the hidden states.
  bool weight = false;  ///< That of the classifier's weight.
  bool bias = false;    ///< That of its bias.
};

/// Those that are not wanted stay undefined.
struct LinearCrossentropyGradients {
  at::Tensor hidden;  ///< [rows, features]
  at::Tensor weight;  ///< [classes, features]
  at::Tensor bias;    ///< [classes]
};

/// The gradients for `grad`, one number a row.
LinearCrossentropyGradients linear_crossentropy_backward_cpu(const at::Tensor& grad,
                                                             const LinearCrossentropyInput& input,
                                                             const LinearCrossentropyRows& rows,
                                                             const LinearCrossentropyWants& wants);

}  // namespace assay
#pragma GCC visibility pop
