// SPDX-License-Identifier: Apache-2.0
#include <assay/core/kernels/cpu/threshold_histogram.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "assay/core/kernels/cpu/threshold_histogram.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h, which includes this file once for each target.
#include <assay/core/kernels/cpu/simd_io-inl.h>
#include <assay/core/kernels/cpu/simd_math-inl.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace assay::kernels::cpu::HWY_NAMESPACE {
namespace {  // other kernels have functions of the same names

namespace hn = hwy::HWY_NAMESPACE;

/// Up to this many thresholds a comparison with each is faster than a search.
constexpr int64_t kCompareAll = 16;

/// How many of the sorted thresholds are less than x. Every lane takes the same steps of a binary
/// search: no branch that scores, which are in no order, would mispredict.
template <class D, class T, class V = hn::Vec<D>>
HWY_INLINE V count_less(D d, const T* sorted, int64_t number, V x) {
  const hn::RebindToSigned<D> di;
  using Index = hn::TFromD<decltype(di)>;
  auto base = hn::Zero(di);
  int64_t left = number;
  for (; left > 1; left -= left / 2) {
    const auto half = static_cast<Index>(left / 2);
    const V probe = hn::GatherIndex(d, sorted + half - 1, base);
    const auto less = hn::RebindMask(di, hn::Lt(probe, x));
    base = hn::Add(base, hn::IfThenElseZero(less, hn::Set(di, half)));
  }
  const auto less = hn::RebindMask(di, hn::Lt(hn::GatherIndex(d, sorted, base), x));
  return hn::ConvertTo(d, hn::Add(base, hn::IfThenElseZero(less, hn::Set(di, Index(1)))));
}

/// bins[i] = how many thresholds scores[i] is above.
template <class T>
void find_bins(const ThresholdGrid<T>& grid, const T* scores, int64_t n, int32_t* bins) {
  const hn::ScalableTag<T> d;
  const hn::Rebind<int32_t, decltype(d)> d32;
  using V = hn::Vec<decltype(d)>;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto find = [&](V x) HWY_ATTR {
    V bin = hn::Zero(d);
    if (grid.sorted == nullptr) {
      const V scaled = hn::Mul(clip(d, x, T(0), T(1)), hn::Set(d, static_cast<T>(grid.number - 1)));
      bin = at_least(hn::Set(d, static_cast<T>(grid.has_ends ? 1 : 0)), hn::Ceil(scaled));
    } else if (grid.number > kCompareAll) {
      bin = count_less(d, grid.sorted, grid.number, x);
    } else {
      for (int64_t k = 0; k < grid.number; ++k) {
        const auto above = hn::Gt(x, hn::Set(d, grid.sorted[k]));
        bin = hn::Add(bin, hn::IfThenElseZero(above, hn::Set(d, T(1))));
      }
    }
    bin = hn::IfThenElseZero(hn::Eq(x, x), bin);
    if constexpr (sizeof(T) == 8) {
      return hn::DemoteTo(d32, bin);
    } else {
      return hn::ConvertTo(d32, bin);
    }
  };
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(find(hn::LoadU(d, scores + i)), d32, bins + i);
  if (i < n) {
    const auto left = static_cast<size_t>(n - i);
    HWY_ALIGN int32_t rest[hn::MaxLanes(d)];
    hn::Store(find(load_n(d, scores + i, left)), d32, rest);
    std::copy_n(rest, left, bins + i);
  }
}

void FindBinsFloat(const ThresholdGrid<float>& grid, const float* scores, int64_t n,
                   int32_t* bins) {
  find_bins(grid, scores, n, bins);
}
void FindBinsDouble(const ThresholdGrid<double>& grid, const double* scores, int64_t n,
                    int32_t* bins) {
  find_bins(grid, scores, n, bins);
}

}  // namespace
}  // namespace assay::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::kernels::cpu {
HWY_EXPORT(FindBinsFloat);
HWY_EXPORT(FindBinsDouble);
namespace {

void find_bins(const ThresholdGrid<float>& grid, const float* scores, int64_t n, int32_t* bins) {
  HWY_DYNAMIC_DISPATCH(FindBinsFloat)(grid, scores, n, bins);
}
void find_bins(const ThresholdGrid<double>& grid, const double* scores, int64_t n, int32_t* bins) {
  HWY_DYNAMIC_DISPATCH(FindBinsDouble)(grid, scores, n, bins);
}

constexpr int64_t kBlock = 1024;

/// Scores often fall into the same bin, and each addition would wait for the one before to be
/// stored: a few copies of a small histogram take them in turn.
constexpr int64_t kCopies = 4;
constexpr int64_t kMaxCopiedBins = 2048;

template <class T, class Sum, class WeightAt>
void add_scores(const ScoredLabels<T>& input, int64_t begin, int64_t end, Sum* sums,
                const WeightAt& weight_at) {
  const int64_t columns = input.columns;
  const int64_t bins = input.grid.number + 1;
  const int64_t size = 2 * bins * columns;
  const bool copies = size <= kMaxCopiedBins && end - begin > kCopies * size;
  std::vector<Sum> copied(copies ? static_cast<size_t>(kCopies * size) : 0);
  int32_t found[kBlock];
  bool positive[kBlock];
  int64_t column = begin % columns;
  for (int64_t first = begin; first < end; first += kBlock) {
    const int64_t n = std::min(kBlock, end - first);
    find_bins(input.grid, input.scores + first, n, found);
    input.read_positive(input.labels, first, n, positive);
    for (int64_t i = 0; i < n; ++i) {
      const int64_t row = (positive[i] ? bins : 0) + found[i];
      Sum* to = copies ? copied.data() + i % kCopies * size : sums;
      to[row * columns + column] += weight_at(first + i);
      if (++column == columns) column = 0;
    }
  }
  if (copies) {
    for (int64_t copy = 0; copy < kCopies; ++copy) {
      for (int64_t i = 0; i < size; ++i) sums[i] += copied[static_cast<size_t>(copy * size + i)];
    }
  }
}

}  // namespace

template <class T>
void add_to_threshold_histogram(const ScoredLabels<T>& input, int64_t begin, int64_t end,
                                int64_t* counts) {
  add_scores(input, begin, end, counts, [](int64_t) { return int64_t{1}; });
}

template <class T>
void add_to_threshold_histogram(const ScoredLabels<T>& input, const double* weights, int64_t begin,
                                int64_t end, double* sums) {
  add_scores(input, begin, end, sums, [weights](int64_t i) { return weights[i]; });
}

template void add_to_threshold_histogram<float>(const ScoredLabels<float>&, int64_t, int64_t,
                                                int64_t*);
template void add_to_threshold_histogram<double>(const ScoredLabels<double>&, int64_t, int64_t,
                                                 int64_t*);
template void add_to_threshold_histogram<float>(const ScoredLabels<float>&, const double*, int64_t,
                                                int64_t, double*);
template void add_to_threshold_histogram<double>(const ScoredLabels<double>&, const double*,
                                                 int64_t, int64_t, double*);

}  // namespace assay::kernels::cpu
#endif  // HWY_ONCE
