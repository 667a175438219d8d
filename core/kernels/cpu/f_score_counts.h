// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <assay/core/kernels/cpu/scalar_types.h>

#include <cstdint>

/// What F scores are made of. T is float, double, BFloat16 or Float16.
namespace assay::kernels::cpu {

template <class T>
struct FScoreInput {
  const T* y_true = nullptr;  ///< contiguous [rows, labels], like y_pred
  const T* y_pred = nullptr;
  int64_t labels = 0;
  const double* row_weight = nullptr;  ///< [rows]; null: all 1
  /// A label is claimed where the prediction is above the threshold; without one, where it equals
  /// the largest of its row and is beyond 1e-9 from 0. A NaN, and without a threshold a row that
  /// holds one, claims nothing.
  bool has_threshold = false;
  double threshold = 0.0;
};

/// Adds the rows [begin, end) to sums[3][labels], w being the row's weight: of w y_true where
/// claimed, of w (1 - y_true) where claimed, of w y_true where not.
template <class T>
void add_f_score_counts(const FScoreInput<T>& input, int64_t begin, int64_t end, double* sums);

}  // namespace assay::kernels::cpu
