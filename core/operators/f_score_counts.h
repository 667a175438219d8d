// SPDX-License-Identifier: Apache-2.0
// What F scores are made of: an operator that adds to a state, with a CPU kernel.
#pragma once
#include <ATen/core/Tensor.h>

#include <optional>

#pragma GCC visibility push(hidden)
namespace assay {

/// The sums that F scores are functions of: float64, [labels], or scalars over all labels.
struct FScoreCounts {
  at::Tensor& true_positives;   ///< of w y_true where claimed
  at::Tensor& false_positives;  ///< of w (1 - y_true) where claimed
  at::Tensor& false_negatives;  ///< of w y_true where not claimed
  at::Tensor& weights;          ///< of w y_true
};

/// Adds a batch [batch, labels]. A label is claimed where the prediction is above `threshold`;
/// without one, where it equals the largest of its row and is beyond 1e-9 from 0. A NaN, and
/// without a threshold a row that holds one, claims nothing. The weight is float64 and broadcasts
/// to the labels; undefined: all 1. The sums do not depend on the number of threads.
void add_f_score_counts(const FScoreCounts& counts, const at::Tensor& y_true,
                        const at::Tensor& y_pred, const at::Tensor& weight,
                        std::optional<double> threshold);

}  // namespace assay
#pragma GCC visibility pop
