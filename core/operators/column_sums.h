// SPDX-License-Identifier: Apache-2.0
// What coefficients of determination are made of: an operator that adds to a state, with a CPU
// kernel.
#pragma once
#include <ATen/core/Tensor.h>

#pragma GCC visibility push(hidden)
namespace assay {

/// Sums of each column, float64 [columns], t being y_true, e its distance from y_pred and w the
/// weight.
struct ColumnSums {
  at::Tensor& squared_sum;  ///< of w t^2
  at::Tensor& sum;          ///< of w t
  at::Tensor& residual;     ///< of w e^2
  at::Tensor& count;        ///< of w
  at::Tensor& lowest;       ///< of the t whose weight is not 0; NaN where one of these is
  at::Tensor& highest;      ///< likewise
};

/// Adds a batch [batch, columns]. The weight is float64 and broadcasts to it; undefined: all 1. The
/// sums do not depend on the number of threads.
void add_column_sums(const ColumnSums& sums, const at::Tensor& y_true, const at::Tensor& y_pred,
                     const at::Tensor& weight);

}  // namespace assay
#pragma GCC visibility pop
