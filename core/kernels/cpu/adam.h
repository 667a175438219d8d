// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

/// The update of Adam and AdamW in one pass over the numbers of a parameter. T is float or double.
namespace assay::kernels::cpu {

template <class T>
struct AdamNumbers {
  T* parameter = nullptr;
  const T* gradient = nullptr;
  T* mean = nullptr;            ///< of the gradients
  T* square = nullptr;          ///< the mean of their squares
  T* largest_square = nullptr;  ///< null: divides by `square`
};

template <class T>
struct AdamFactors {
  T mean_weight = 0;    ///< 1 - beta_1
  T square_kept = 0;    ///< beta_2
  T square_weight = 0;  ///< 1 - beta_2
  T epsilon = 0;
  T rate = 0;  ///< the learning rate, corrected for the means' start at 0
};

/// For the numbers [begin, end):
///
///     mean += mean_weight * (gradient - mean)
///     square = square_kept * square + square_weight * gradient^2
///     parameter -= rate * mean / (sqrt(square) + epsilon)
///
/// with the largest square so far in place of `square` where there is one. Rounded as LibTorch's
/// lerp_, addcmul_ and addcdiv_ round.
template <class T>
void adam_update(const AdamNumbers<T>& numbers, const AdamFactors<T>& factors, int64_t begin,
                 int64_t end);

}  // namespace assay::kernels::cpu
