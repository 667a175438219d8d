// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

/// Counts of positive and negative scores between thresholds: what precision, recall and the areas
/// under curves are made of. T is float or double.
namespace assay::kernels::cpu {

/// Thresholds in ascending order.
template <class T>
struct ThresholdGrid {
  int64_t number = 0;
  /// [number]; a score is above those that are strictly less. Null: the thresholds are evenly
  /// spaced, and a score is clipped to [0, 1] and above the first ceil(score (number - 1)) of them.
  const T* sorted = nullptr;
  /// Evenly spaced ones only: the first is below 0, so that every score is above it.
  bool has_ends = false;
};

/// Which of n labels from `first` on are not 0. Labels of any type: it knows their type.
using ReadPositive = void (*)(const void* labels, int64_t first, int64_t n, bool* positive);

template <class L>
inline void read_positive(const void* labels, int64_t first, int64_t n, bool* positive) {
  const L* label = static_cast<const L*>(labels) + first;
  for (int64_t i = 0; i < n; ++i) positive[i] = label[i] != L(0);
}

template <class T>
struct ScoredLabels {
  const T* scores = nullptr;
  const void* labels = nullptr;
  ReadPositive read_positive = nullptr;
  int64_t columns = 1;  ///< scores are [rows, columns], and each column has counts of its own
  ThresholdGrid<T> grid;
};

/// Adds the elements [begin, end) (not rows) to counts[2][number + 1][columns]: of negatives and of
/// positives, how many are above so many thresholds. A NaN is above none.
template <class T>
void add_to_threshold_histogram(const ScoredLabels<T>& input, int64_t begin, int64_t end,
                                int64_t* counts);

/// The same, each element with a weight.
template <class T>
void add_to_threshold_histogram(const ScoredLabels<T>& input, const double* weights, int64_t begin,
                                int64_t end, double* sums);

}  // namespace assay::kernels::cpu
