// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <assay/core/kernels/cpu/threshold_histogram.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <type_traits>
#include <vector>

namespace assay::kernels::cpu {

/// Up to this many thresholds a comparison with each is faster than a search.
constexpr int64_t kFewThresholds = 16;

/// Finds how many of many sorted thresholds are less than a score, where they lie at even distances
/// but for rounding: a score's position among them, in which they are about 0, 1, 2 ..., says it.
/// The position grows with the score, rounding and all. So only a score whose position is within
/// `margin`, the most that a threshold is off, of a threshold's number is compared with that one.
template <class T>
struct EvenThresholds {
  static constexpr T kMostMargin = T(0.015625);

  EvenThresholds(const T* sorted, int64_t number)
      : sorted(sorted),
        lowest(sorted[0]),
        scale(static_cast<T>(number - 1) / (sorted[number - 1] - lowest)),
        last(static_cast<T>(number - 1)) {
    for (int64_t k = 0; k < number; ++k) {
      // A scale that is no number above 0 makes this one too large, or NaN.
      margin = std::max(std::abs((sorted[k] - lowest) * scale - static_cast<T>(k)), margin);
    }
    // The product may not have been rounded here, where there is a fused multiply-add.
    margin += last * std::numeric_limits<T>::epsilon();
  }

  /// Whether they lie at even distances, and few scores are near one.
  bool is_useful() const { return margin <= kMostMargin; }

  const T* sorted;
  T lowest;
  T scale;
  T last;  ///< number - 1
  T margin = 0;
};

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

/// What makes finding the place of many scores among many thresholds faster: at most one of these.
template <class T>
struct ThresholdSearch {
  /// Either costs several steps a threshold.
  static constexpr int64_t kScoresPerThreshold = 16;

  ThresholdSearch(const ThresholdGrid<T>& grid, int64_t scores) {
    if (grid.sorted == nullptr || grid.number <= kFewThresholds ||
        scores < kScoresPerThreshold * grid.number) {
      return;
    }
    even.emplace(grid.sorted, grid.number);
    if (even->is_useful()) return;
    even.reset();
    cells.emplace(grid.sorted, grid.number);
    if (!cells->is_useful()) cells.reset();
  }

  std::optional<EvenThresholds<T>> even;
  std::optional<ThresholdCells<T>> cells;
};

}  // namespace assay::kernels::cpu
