// SPDX-License-Identifier: Apache-2.0
// Means, variances and covariances: an operator without derivatives, with a CPU kernel.
#pragma once
#include <ATen/core/Tensor.h>

namespace assay {

/// Population moments of the rows (last axis) of labels and predictions, in float64.
struct Moments {
  at::Tensor covariance;         ///< of labels and predictions
  at::Tensor variance_of_true;   ///< of the labels
  at::Tensor variance_of_pred;   ///< of the predictions
  at::Tensor distance_of_means;  ///< the labels' mean less the predictions'
};

/// The moments of tensors of one shape whose last axis is not empty. A row that is constant has a
/// variance of exactly 0. They do not depend on the number of threads.
Moments moments_of_rows(const at::Tensor& y_true, const at::Tensor& y_pred);

}  // namespace assay
