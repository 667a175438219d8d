// SPDX-License-Identifier: Apache-2.0
// The arithmetic of Adam and AdamW on the tensors of one parameter.
#pragma once
#include <ATen/core/Tensor.h>

#pragma GCC visibility push(hidden)
namespace assay::training::optimizers {

/// The numbers of one update (optimizers/adam.h).
struct AdamStep {
  double beta_1;   ///< decay of the gradients' mean
  double beta_2;   ///< decay of the squared gradients' mean
  double epsilon;  ///< added to the root
  double rate;     ///< the learning rate, corrected for the means' start at 0
};

/// The state of one parameter, which the update changes.
struct AdamMeans {
  at::Tensor gradient;        ///< m
  at::Tensor square;          ///< v
  at::Tensor largest_square;  ///< undefined: not kept
};

/// Updates the means and the parameter by Adam's formula (optimizers/adam.h).
void adam_update(const at::Tensor& parameter, const at::Tensor& gradient, const AdamMeans& means,
                 const AdamStep& step);

}  // namespace assay::training::optimizers
#pragma GCC visibility pop
