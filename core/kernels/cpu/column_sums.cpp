// SPDX-License-Identifier: Apache-2.0
#include <assay/core/kernels/cpu/column_sums.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

// Plain C++: neighbouring columns, or neighbouring rows of few columns, have sums of their own, and
// the compiler takes several of them at a time.
namespace assay::kernels::cpu {
namespace {

double lower(double x, double bound) { return x < bound || x != x ? x : bound; }
double higher(double x, double bound) { return x > bound || x != x ? x : bound; }

/// `width` entries that each go to a sum of their own.
template <bool kWeighted, class T>
void add_run(const T* y_true, const T* y_pred, const double* weight, int64_t width,
             const ColumnSums& to) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (int64_t i = 0; i < width; ++i) {
    const auto t = static_cast<double>(y_true[i]);
    const double e = t - static_cast<double>(y_pred[i]);
    const double w = kWeighted ? weight[i] : 1.0;
    to.squared_sum[i] += w * t * t;
    to.sum[i] += w * t;
    to.residual[i] += w * e * e;
    if (kWeighted) to.count[i] += w;
    to.lowest[i] = lower(kWeighted && w == 0 ? kInfinity : t, to.lowest[i]);
    to.highest[i] = higher(kWeighted && w == 0 ? -kInfinity : t, to.highest[i]);
  }
}

}  // namespace

template <class T>
void add_column_sums(const ColumnInput<T>& input, int64_t begin, int64_t end,
                     const ColumnSums& sums) {
  constexpr int64_t kFewest = 16;
  const int64_t columns = input.columns;
  const int64_t rows_at_once = std::max<int64_t>(1, kFewest / columns);
  const int64_t width = rows_at_once * columns;
  std::vector<double> lanes(static_cast<size_t>(6 * width));
  double* first = lanes.data();
  const ColumnSums own = {first,
                          first + width,
                          first + 2 * width,
                          first + 3 * width,
                          first + 4 * width,
                          first + 5 * width};
  std::fill(own.lowest, own.lowest + width, std::numeric_limits<double>::infinity());
  std::fill(own.highest, own.highest + width, -std::numeric_limits<double>::infinity());
  for (int64_t row = begin; row < end; row += rows_at_once) {
    const int64_t at = row * columns;
    const int64_t n = std::min(rows_at_once, end - row) * columns;
    if (input.weight == nullptr) {
      add_run<false>(input.y_true + at, input.y_pred + at, nullptr, n, own);
    } else {
      add_run<true>(input.y_true + at, input.y_pred + at, input.weight + at, n, own);
    }
  }
  for (int64_t i = 0; i < width; ++i) {
    const int64_t column = i % columns;
    sums.squared_sum[column] += own.squared_sum[i];
    sums.sum[column] += own.sum[i];
    sums.residual[column] += own.residual[i];
    sums.count[column] += own.count[i];
    sums.lowest[column] = lower(own.lowest[i], sums.lowest[column]);
    sums.highest[column] = higher(own.highest[i], sums.highest[column]);
  }
  if (input.weight == nullptr) {
    for (int64_t column = 0; column < columns; ++column) {
      sums.count[column] += static_cast<double>(end - begin);
    }
  }
}

template void add_column_sums<float>(const ColumnInput<float>&, int64_t, int64_t,
                                     const ColumnSums&);
template void add_column_sums<double>(const ColumnInput<double>&, int64_t, int64_t,
                                      const ColumnSums&);

}  // namespace assay::kernels::cpu
