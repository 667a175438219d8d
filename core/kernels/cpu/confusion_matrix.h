// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <assay/core/kernels/cpu/scalar_types.h>
#include <assay/core/no_class.h>

#include <cstdint>

namespace assay::kernels::cpu {

struct ClassPairs {
  const int64_t* y_true = nullptr;
  const int64_t* y_pred = nullptr;
  int64_t classes = 0;
  bool has_ignore_class = false;  ///< of y_true
  int64_t ignore_class = 0;
};

/// Where pairs are added.
struct ConfusionSums {
  double* matrix;  ///< [classes, classes]: a row a label, a column a prediction
  double* missed;  ///< [classes]: labels whose prediction is kNoClass
};

/// Adds 1 for each of the pairs [begin, end). Ignored pairs, and pairs with a class out of range,
/// are left out.
void add_to_confusion_matrix(const ClassPairs& pairs, int64_t begin, int64_t end,
                             const ConfusionSums& sums);

/// The same, each pair with a weight. W is float or double.
template <class W>
void add_to_confusion_matrix(const ClassPairs& pairs, const W* weights, int64_t begin, int64_t end,
                             const ConfusionSums& sums);

/// Labels and scores of two classes. T is float, double, BFloat16 or Float16.
template <class T>
struct BinaryScores {
  const T* y_true = nullptr;
  const T* y_pred = nullptr;
  static constexpr int64_t classes = 2;
  Compute<T> threshold = 0;  ///< scores of at least this are class 1, a NaN is no class
};

/// Adds weights[i], without weights 1, for each of the pairs [begin, end) to a matrix of two
/// classes. Labels that are neither 0 nor 1 are left out. Returns whether all are whole numbers or
/// NaN.
template <class T>
bool add_to_confusion_matrix(const BinaryScores<T>& pairs, const double* weights, int64_t begin,
                             int64_t end, const ConfusionSums& sums);

}  // namespace assay::kernels::cpu
