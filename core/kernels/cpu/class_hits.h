// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <assay/core/kernels/cpu/axis_layout.h>
#include <assay/core/kernels/cpu/scalar_types.h>
#include <assay/core/no_class.h>

#include <cstdint>

/// Whether rows of scores find their integer label. Every function works on the rows [begin, end)
/// and indexes its arrays by the row's number. T is float, double, BFloat16 or Float16.
namespace assay::kernels::cpu {

template <class T>
struct ClassScores {
  const T* scores = nullptr;
  AxisLayout layout;
  const int64_t* labels = nullptr;
};

/// hit = 1 where the label has the largest score, the first one if several have it, else 0. A row
/// with a NaN, and a label kNoClass, is 0. Returns -1, or the first row whose label is neither that
/// nor in [0, classes).
template <class T>
int64_t argmax_hits(const ClassScores<T>& input, int64_t begin, int64_t end, float* hit);

/// hit = 1 where fewer than k scores are greater than the label's, so that a tie with the k-th
/// counts as in. NaN and the return value as above.
template <class T>
int64_t top_k_hits(const ClassScores<T>& input, int64_t k, int64_t begin, int64_t end, float* hit);

/// The class of the largest score, the first one if several have it; kNoClass for a row with a
/// NaN, or without classes. Reads no labels.
template <class T>
void row_argmax(const ClassScores<T>& input, int64_t begin, int64_t end, int64_t* argmax);

/// hit = 1 where y_true is 1 and y_pred above the threshold, or y_true 0 and y_pred not above it,
/// for n elements; 0 for NaN.
template <class T>
void binary_hits(const T* y_true, const T* y_pred, int64_t n, Compute<T> threshold, float* hit);

}  // namespace assay::kernels::cpu
