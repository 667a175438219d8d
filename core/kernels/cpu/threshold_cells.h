// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

namespace assay::kernels::cpu {

/// Up to this many thresholds a comparison with each is faster than a search.
constexpr int64_t kFewThresholds = 16;

/// Finds how many of many sorted thresholds are less than a score, in one or a few comparisons. The
/// range of the thresholds is cut into cells of one width, and a table says how many thresholds lie
/// in the cells before each. A score's cell grows with the score, rounding and all: thresholds of
/// earlier cells are less, those of later cells are greater, and only those of its own are
/// compared.
template <class T>
struct ThresholdCells {
  using Index = std::conditional_t<sizeof(T) == 4, int32_t, int64_t>;

  static constexpr int64_t kCellsPerThreshold = 4;
  static constexpr int64_t kMostCells = 1 << 16;
  static constexpr int64_t kMostCompared = 4;

  ThresholdCells(const T* sorted, int64_t number)
      : lowest(sorted[0]), thresholds(sorted, sorted + number) {
    const int64_t cells = std::min(kCellsPerThreshold * number, kMostCells);
    scale = static_cast<T>(cells) / (sorted[number - 1] - lowest);
    last_cell = static_cast<T>(cells - 1);
    if (!std::isfinite(scale) || scale <= 0) return;
    before.assign(static_cast<size_t>(cells), 0);
    int64_t cell = 0;
    for (int64_t k = 0; k < number; ++k) {
      const auto own = static_cast<int64_t>(cell_of(sorted[k]));
      while (cell < own) before[static_cast<size_t>(++cell)] = static_cast<Index>(k);
      compared = std::max(compared, k + 1 - before[static_cast<size_t>(cell)]);
    }
    while (cell + 1 < cells) before[static_cast<size_t>(++cell)] = static_cast<Index>(number);
    thresholds.resize(static_cast<size_t>(number + compared), std::numeric_limits<T>::infinity());
  }

  /// Whether a score has few enough thresholds to be compared with.
  bool is_useful() const { return !before.empty() && compared <= kMostCompared; }

  T cell_of(T x) const { return std::min(std::max((x - lowest) * scale, T(0)), last_cell); }

  T lowest;
  T scale = 0;
  T last_cell = 0;
  int64_t compared = 0;       ///< thresholds in a cell, at most
  std::vector<Index> before;  ///< [cells]
  std::vector<T> thresholds;  ///< sorted, then infinities: one may be compared past the last
};

}  // namespace assay::kernels::cpu
