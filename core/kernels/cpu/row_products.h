// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <assay/core/kernels/cpu/scalar_types.h>

#include <cstdint>

/// What cosines, overlaps and correlations are made of. T is float, double, BFloat16 or Float16;
/// everything is computed in double, in which the squares of floats do not overflow.
namespace assay::kernels::cpu {

/// Sums over the entries of a run, of labels t and predictions p less a number for each.
struct RowProducts {
  double t = 0.0;
  double p = 0.0;
  double tt = 0.0;
  double pp = 0.0;
  double tp = 0.0;

  RowProducts& operator+=(const RowProducts& other) {
    t += other.t;
    p += other.p;
    tt += other.tt;
    pp += other.pp;
    tp += other.tp;
    return *this;
  }
};

/// The sums over y_true[i] - t_shift and y_pred[i] - p_shift for n entries.
template <class T>
RowProducts row_products(const T* y_true, const T* y_pred, int64_t n, double t_shift = 0.0,
                         double p_shift = 0.0);

/// The sums of each of `rows` neighbouring rows of n entries.
template <class T>
void products_of_rows(const T* y_true, const T* y_pred, int64_t rows, int64_t n,
                      RowProducts* products);

/// A gradient that is linear in labels and predictions.
struct LinearGradient {
  double scale = 0.0;
  double of_true = 0.0;
  double of_pred = 0.0;
  double constant = 0.0;
};

/// grad[i] = scale (of_true y_true[i] + of_pred y_pred[i] + constant) for n entries.
template <class T>
void write_linear_gradient(const T* y_true, const T* y_pred, int64_t n,
                           const LinearGradient& gradient, T* grad);

}  // namespace assay::kernels::cpu
