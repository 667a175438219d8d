// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

/// What coefficients of determination are made of. T is float or double.
namespace assay::kernels::cpu {

/// Contiguous matrices [rows, columns].
template <class T>
struct ColumnInput {
  const T* y_true = nullptr;
  const T* y_pred = nullptr;
  const double* weight = nullptr;  ///< [rows, columns]; null: all 1
  int64_t columns = 1;
};

/// Sums of each column, [columns] each, t being y_true, e its distance from y_pred and w the
/// weight. The lowest and the highest are of the t whose weight is not 0, and NaN where one of
/// these is.
struct ColumnSums {
  double* squared_sum;  ///< of w t^2
  double* sum;          ///< of w t
  double* residual;     ///< of w e^2
  double* count;        ///< of w
  double* lowest;
  double* highest;

  /// Six arrays that follow each other from `first` on.
  static ColumnSums in_order(double* first, int64_t columns) {
    return {first,
            first + columns,
            first + 2 * columns,
            first + 3 * columns,
            first + 4 * columns,
            first + 5 * columns};
  }

  /// Those of the columns from one on.
  ColumnSums from(int64_t column) const {
    return {squared_sum + column, sum + column,    residual + column,
            count + column,       lowest + column, highest + column};
  }
};

/// The lesser and the greater of two numbers; x where it is NaN, and NaN where the bound is.
inline double least(double x, double bound) { return x < bound || x != x ? x : bound; }
inline double greatest(double x, double bound) { return x > bound || x != x ? x : bound; }

/// Adds the rows [begin, end).
template <class T>
void add_column_sums(const ColumnInput<T>& input, int64_t begin, int64_t end,
                     const ColumnSums& sums);

}  // namespace assay::kernels::cpu
