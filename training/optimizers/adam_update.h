// SPDX-License-Identifier: Apache-2.0
// The arithmetic of Adam and AdamW on the tensors of one parameter.
#pragma once
#include <ATen/core/Tensor.h>

namespace assay::training::optimizers {

struct AdamStep {
  double beta_1;
  double beta_2;
  double epsilon;
  double rate;  ///< the learning rate, corrected for the means' start at 0
};

struct AdamMeans {
  at::Tensor gradient;
  at::Tensor square;
  at::Tensor largest_square;  ///< undefined: not kept
};

/// Updates the means and the parameter by Adam's formula (optimizers/adam.h).
void adam_update(const at::Tensor& parameter, const at::Tensor& gradient, const AdamMeans& means,
                 const AdamStep& step);

}  // namespace assay::training::optimizers
