// SPDX-License-Identifier: Apache-2.0
#include <assay/core/kernels/cpu/histogram_copies.h>
#include <assay/core/kernels/cpu/threshold_histogram.h>
#include <assay/core/kernels/cpu/threshold_search.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

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

/// The same for any x but NaN.
template <class D, class T, class V = hn::Vec<D>>
HWY_INLINE V count_less(D d, const EvenThresholds<T>& even, V x) {
  const V half = hn::Set(d, T(0.5));
  const V last = hn::Set(d, even.last);
  const V position = hn::Mul(hn::Sub(x, hn::Set(d, even.lowest)), hn::Set(d, even.scale));
  const V inside = hn::Min(hn::Max(position, hn::Neg(half)), hn::Add(last, half));
  const V nearest = hn::Round(inside);
  const auto is_near = hn::Le(hn::Abs(hn::Sub(inside, nearest)), hn::Set(d, even.margin));
  const V less = hn::Ceil(inside);
  if (HWY_LIKELY(hn::AllFalse(d, is_near))) return less;
  const V number = hn::Min(hn::Max(nearest, hn::Zero(d)), last);
  const V threshold =
      hn::GatherIndex(d, even.sorted, hn::ConvertTo(hn::RebindToSigned<D>(), number));
  const V one_more = hn::IfThenElseZero(hn::Lt(threshold, x), hn::Set(d, T(1)));
  return hn::IfThenElse(is_near, hn::Add(number, one_more), less);
}

template <class D, class T, class V = hn::Vec<D>>
HWY_INLINE V count_less(D d, const ThresholdCells<T>& cells, V x) {
  const hn::RebindToSigned<D> di;
  const V scaled = hn::Mul(hn::Sub(x, hn::Set(d, cells.lowest)), hn::Set(d, cells.scale));
  const auto cell =
      hn::ConvertTo(di, hn::Min(hn::Max(scaled, hn::Zero(d)), hn::Set(d, cells.last_cell)));
  const auto before = hn::GatherIndex(di, cells.before.data(), cell);
  V less = hn::ConvertTo(d, before);
  for (int64_t k = 0; k < cells.compared; ++k) {
    const V threshold = hn::GatherIndex(d, cells.thresholds.data() + k, before);
    less = hn::Add(less, hn::IfThenElseZero(hn::Lt(threshold, x), hn::Set(d, T(1))));
  }
  return less;
}

/// places[i] = how many thresholds scores[i] is above, and if it is positive number + 1 more.
/// n is rounded up to whole vectors: the arrays are that long.
template <class T>
void find_places(const ThresholdGrid<T>& grid, const ThresholdSearch<T>& search, const T* scores,
                 const bool* positive, int64_t n, int32_t* places) {
  const hn::ScalableTag<T> d;
  const hn::Rebind<int32_t, decltype(d)> d32;
  using V = hn::Vec<decltype(d)>;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto positives = hn::Set(d32, static_cast<int32_t>(grid.number + 1));
  const auto find = [&](V x, const bool* labels) HWY_ATTR {
    const auto is_number = hn::Eq(x, x);
    V bin = hn::Zero(d);
    if (grid.sorted == nullptr) {
      const V scaled = hn::Mul(clip(d, x, T(0), T(1)), hn::Set(d, static_cast<T>(grid.number - 1)));
      bin = at_least(hn::Set(d, static_cast<T>(grid.has_ends ? 1 : 0)), hn::Ceil(scaled));
    } else if (search.even) {
      bin = count_less(d, *search.even, hn::IfThenElseZero(is_number, x));
    } else if (search.cells) {
      bin = count_less(d, *search.cells, hn::IfThenElseZero(is_number, x));
    } else if (grid.number > kFewThresholds) {
      bin = count_less(d, grid.sorted, grid.number, x);
    } else {
      for (int64_t k = 0; k < grid.number; ++k) {
        const auto above = hn::Gt(x, hn::Set(d, grid.sorted[k]));
        bin = hn::Add(bin, hn::IfThenElseZero(above, hn::Set(d, T(1))));
      }
    }
    bin = hn::IfThenElseZero(is_number, bin);
    const auto other = hn::And(load_bools(d32, labels), positives);
    if constexpr (sizeof(T) == 8) {
      return hn::Add(other, hn::DemoteTo(d32, bin));
    } else {
      return hn::Add(other, hn::ConvertTo(d32, bin));
    }
  };
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    hn::StoreU(find(hn::LoadU(d, scores + i), positive + i), d32, places + i);
  }
  if (i < n) {
    const auto left = static_cast<size_t>(n - i);
    hn::StoreU(find(load_n(d, scores + i, left), positive + i), d32, places + i);
  }
}

/// How many labels are positive.
HWY_INLINE int64_t count_positive(const bool* positive, int64_t n) {
  const hn::ScalableTag<uint8_t> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto* bytes = reinterpret_cast<const uint8_t*>(positive);
  size_t count = 0;
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    count += hn::CountTrue(d, hn::Eq(hn::LoadU(d, bytes + i), hn::Set(d, 1)));
  }
  for (; i < n; ++i) count += bytes[i];
  return static_cast<int64_t>(count);
}

/// Adds to above[2][number] how many negatives and positives are above each of a few thresholds;
/// returns how many positives there are. `positive` is read in whole vectors.
template <class T>
int64_t count_above(const ThresholdGrid<T>& grid, const T* scores, const bool* positive, int64_t n,
                    int64_t* above) {
  const hn::ScalableTag<T> d;
  const hn::RebindToSigned<decltype(d)> di;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t k = 0; k < grid.number; ++k) {
    const auto threshold = hn::Set(d, grid.sorted[k]);
    size_t all = 0;
    size_t positives = 0;
    const auto count = [&](hn::Vec<decltype(d)> x, const bool* labels) HWY_ATTR {
      const auto is_above = hn::Gt(x, threshold);
      const auto is_positive = hn::RebindMask(d, hn::MaskFromVec(load_bools(di, labels)));
      all += hn::CountTrue(d, is_above);
      positives += hn::CountTrue(d, hn::And(is_above, is_positive));
    };
    int64_t i = 0;
    for (; i + lanes <= n; i += lanes) count(hn::LoadU(d, scores + i), positive + i);
    if (i < n) {
      const auto left = static_cast<size_t>(n - i);
      const auto in_range = hn::FirstN(d, left);
      count(hn::IfThenElse(in_range, load_n(d, scores + i, left), threshold), positive + i);
    }
    above[k] += static_cast<int64_t>(all - positives);
    above[grid.number + k] += static_cast<int64_t>(positives);
  }
  return count_positive(positive, n);
}

// Highway exports functions, not templates.
#define ASSAY_DEFINE(T, Name)                                                                   \
  void FindPlaces##Name(const ThresholdGrid<T>& grid, const ThresholdSearch<T>& search,         \
                        const T* scores, const bool* positive, int64_t n, int32_t* places) {    \
    find_places(grid, search, scores, positive, n, places);                                     \
  }                                                                                             \
  int64_t CountAbove##Name(const ThresholdGrid<T>& grid, const T* scores, const bool* positive, \
                           int64_t n, int64_t* above) {                                         \
    return count_above(grid, scores, positive, n, above);                                       \
  }
ASSAY_DEFINE(float, Float)
ASSAY_DEFINE(double, Double)
#undef ASSAY_DEFINE

}  // namespace
}  // namespace assay::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::kernels::cpu {
namespace {

#define ASSAY_EXPORT(T, Name)                                                              \
  HWY_EXPORT(FindPlaces##Name);                                                            \
  HWY_EXPORT(CountAbove##Name);                                                            \
  void find_places(const ThresholdGrid<T>& grid, const ThresholdSearch<T>& search,         \
                   const T* scores, const bool* positive, int64_t n, int32_t* places) {    \
    HWY_DYNAMIC_DISPATCH(FindPlaces##Name)(grid, search, scores, positive, n, places);     \
  }                                                                                        \
  int64_t count_above(const ThresholdGrid<T>& grid, const T* scores, const bool* positive, \
                      int64_t n, int64_t* above) {                                         \
    return HWY_DYNAMIC_DISPATCH(CountAbove##Name)(grid, scores, positive, n, above);       \
  }
ASSAY_EXPORT(float, Float)
ASSAY_EXPORT(double, Double)
#undef ASSAY_EXPORT

constexpr int64_t kBlock = 1024;
constexpr int64_t kMostLanes = 256;

/// Calls work(first, n, positive) for blocks of at most kBlock elements. `positive`, the block's
/// labels, may be read in whole vectors.
template <class T, class Work>
void for_each_block(const ScoredLabels<T>& input, int64_t begin, int64_t end, const Work& work) {
  bool positive[kBlock + kMostLanes] = {};
  for (int64_t first = begin; first < end; first += kBlock) {
    const int64_t n = std::min(kBlock, end - first);
    input.read_positive(input.labels, first, n, positive);
    work(first, n, positive);
  }
}

template <class T, class Sum, class WeightAt>
void add_scores(const ScoredLabels<T>& input, int64_t begin, int64_t end, Sum* sums,
                const WeightAt& weight_at) {
  const int64_t columns = input.columns;
  const int64_t size = 2 * (input.grid.number + 1) * columns;
  HistogramCopies<Sum> copy(sums, size, end - begin);
  constexpr int64_t kCopies = HistogramCopies<Sum>::kCopies;
  const ThresholdSearch<T> search(input.grid, end - begin);
  int32_t places[kBlock + kMostLanes];
  int64_t column = begin % columns;
  for_each_block(input, begin, end, [&](int64_t first, int64_t n, const bool* positive) {
    find_places(input.grid, search, input.scores + first, positive, n, places);
    int64_t i = 0;
    if (columns == 1) {
      for (; i + kCopies <= n; i += kCopies) {
        for (int64_t k = 0; k < kCopies; ++k) copy[k][places[i + k]] += weight_at(first + i + k);
      }
    }
    for (; i < n; ++i) {
      copy[i][places[i] * columns + column] += weight_at(first + i);
      if (++column == columns) column = 0;
    }
  });
  copy.add_up();
}

/// Of a few thresholds and one column the scores above each are counted, without a histogram.
template <class T>
void add_counts_above(const ScoredLabels<T>& input, int64_t begin, int64_t end, int64_t* counts) {
  const int64_t number = input.grid.number;
  int64_t above[2 * kFewThresholds] = {};
  int64_t of_label[2] = {};
  for_each_block(input, begin, end, [&](int64_t first, int64_t n, const bool* positive) {
    const auto positives = count_above(input.grid, input.scores + first, positive, n, above);
    of_label[0] += n - positives;
    of_label[1] += positives;
  });
  for (int64_t label = 0; label < 2; ++label) {
    int64_t reached = of_label[label];
    for (int64_t bin = 0; bin <= number; ++bin) {
      const int64_t higher = bin < number ? above[label * number + bin] : 0;
      counts[label * (number + 1) + bin] += reached - higher;
      reached = higher;
    }
  }
}

}  // namespace

template <class T>
void add_to_threshold_histogram(const ScoredLabels<T>& input, int64_t begin, int64_t end,
                                int64_t* counts) {
  if (input.grid.sorted != nullptr && input.grid.number <= kFewThresholds && input.columns == 1) {
    return add_counts_above(input, begin, end, counts);
  }
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
