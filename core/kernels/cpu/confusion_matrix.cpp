// SPDX-License-Identifier: Apache-2.0
#include <assay/core/kernels/cpu/confusion_matrix.h>
#include <assay/core/kernels/cpu/histogram_copies.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "assay/core/kernels/cpu/confusion_matrix.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
// After foreach_target.h, which includes this file once for each target.
#include <assay/core/kernels/cpu/simd_io-inl.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace assay::kernels::cpu::HWY_NAMESPACE {
namespace {  // other kernels have functions of the same names

namespace hn = hwy::HWY_NAMESPACE;

/// Where the pairs [first, first + n) belong in a table [classes, classes + 1] whose last column
/// is the misses, and which has one more place behind it for pairs that are left out. Found for as
/// many as whole vectors hold; returns their number.
int64_t FindPlaces(const ClassPairs& pairs, int64_t first, int64_t n, int32_t* places) {
  const hn::ScalableTag<int32_t> d;
  const hn::RebindToUnsigned<decltype(d)> du;
  const auto end = hn::Set(du, static_cast<uint32_t>(pairs.classes));
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto misses = hn::Set(d, static_cast<int32_t>(pairs.classes));
  const auto row_size = hn::Set(d, static_cast<int32_t>(pairs.classes + 1));
  const auto left_out = hn::Mul(misses, row_size);
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const Int64Halves t(d, pairs.y_true + first + i);
    const Int64Halves p(d, pairs.y_pred + first + i);
    const auto usual = hn::Add(hn::Mul(t.low, row_size), p.low);
    const auto larger = hn::Max(hn::BitCast(du, t.low), hn::BitCast(du, p.low));
    const auto high = hn::BitCast(du, hn::Or(t.high, p.high));
    if (HWY_LIKELY(!pairs.has_ignore_class &&
                   hn::AllTrue(du, hn::And(hn::Lt(larger, end), hn::Eq(high, hn::Zero(du)))))) {
      hn::StoreU(usual, d, places + i);
      continue;
    }
    auto is_label = t.in_range(d, pairs.classes);
    if (pairs.has_ignore_class) {
      is_label = hn::AndNot(t.equal(d, pairs.ignore_class), is_label);
    }
    const auto is_miss = p.equal(d, kNoClass);
    const auto column = hn::IfThenElse(is_miss, misses, p.low);
    const auto counted = hn::And(is_label, hn::Or(is_miss, p.in_range(d, pairs.classes)));
    const auto place = hn::Add(hn::Mul(t.low, row_size), column);
    hn::StoreU(hn::IfThenElse(counted, place, left_out), d, places + i);
  }
  return i;
}

/// Labels and scores of two classes, in vectors.
template <class T>
struct BinaryLanes {
  using D = hn::ScalableTag<Compute<T>>;
  using M = hn::Mask<D>;

  M negative;
  M positive;
  M claimed;
  M known;  // is no NaN
  M whole;  // a label that is a whole number or NaN

  /// Of `left` pairs, or of as many as there are lanes. Lanes past the pairs have label 2.
  HWY_INLINE BinaryLanes(const BinaryScores<T>& pairs, int64_t at, int64_t left) {
    const D d;
    const auto label_of = [&](int x) HWY_ATTR { return hn::Set(d, static_cast<Compute<T>>(x)); };
    const auto lanes = static_cast<int64_t>(hn::Lanes(d));
    const int64_t n = std::min(lanes, left);
    auto t = load_up_to(d, pairs.y_true + at, n);
    const auto p = load_up_to(d, pairs.y_pred + at, n);
    if (HWY_UNLIKELY(n < lanes)) {
      t = hn::IfThenElse(hn::FirstN(d, static_cast<size_t>(n)), t, label_of(2));
    }
    negative = hn::Eq(t, label_of(0));
    positive = hn::Eq(t, label_of(1));
    claimed = hn::Ge(p, hn::Set(d, pairs.threshold));
    known = hn::Eq(p, p);
    whole = hn::Or(hn::Eq(t, hn::Trunc(t)), hn::Not(hn::Eq(t, t)));
  }
};

/// The places of n pairs. Returns whether the labels are whole numbers or NaN.
template <class T>
HWY_INLINE bool find_places(const BinaryScores<T>& pairs, int64_t first, int64_t n,
                            int32_t* places) {
  const hn::ScalableTag<Compute<T>> d;
  const hn::Rebind<int32_t, decltype(d)> d32;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto place = [&](int x) HWY_ATTR { return hn::Set(d, static_cast<Compute<T>>(x)); };
  bool whole = true;
  for (int64_t i = 0; i < n; i += lanes) {
    const BinaryLanes<T> lane(pairs, first + i, n - i);
    whole = hn::AllTrue(d, lane.whole) && whole;
    const auto column =
        hn::IfThenElse(lane.known, hn::IfThenElseZero(lane.claimed, place(1)), place(2));
    const auto of_positive = hn::IfThenElse(lane.positive, hn::Add(column, place(3)), place(6));
    const auto found = hn::IfThenElse(lane.negative, column, of_positive);
    if constexpr (sizeof(Compute<T>) == 8) {
      hn::StoreU(hn::DemoteTo(d32, found), d32, places + i);
    } else {
      hn::StoreU(hn::ConvertTo(d32, found), d32, places + i);
    }
  }
  return whole;
}

/// Adds how many of the pairs [begin, end) have each place to counts[2][3]; returns as find_places.
template <class T>
HWY_INLINE bool count_pairs(const BinaryScores<T>& pairs, int64_t begin, int64_t end,
                            int64_t* counts) {
  const hn::ScalableTag<Compute<T>> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  bool whole = true;
  size_t all[2] = {};
  size_t claimed[2] = {};
  size_t known[2] = {};
  for (int64_t i = begin; i < end; i += lanes) {
    const BinaryLanes<T> lane(pairs, i, end - i);
    whole = hn::AllTrue(d, lane.whole) && whole;
    const auto count = [&](int label, auto is_label) HWY_ATTR {
      all[label] += hn::CountTrue(d, is_label);
      claimed[label] += hn::CountTrue(d, hn::And(is_label, lane.claimed));
      known[label] += hn::CountTrue(d, hn::And(is_label, lane.known));
    };
    count(0, lane.negative);
    count(1, lane.positive);
  }
  for (int label = 0; label < 2; ++label, counts += 3) {
    counts[0] += static_cast<int64_t>(known[label] - claimed[label]);
    counts[1] += static_cast<int64_t>(claimed[label]);
    counts[2] += static_cast<int64_t>(all[label] - known[label]);
  }
  return whole;
}

// Highway exports functions, not templates.
#define ASSAY_DEFINE(T, Name)                                                                      \
  bool FindPlaces##Name(const BinaryScores<T>& pairs, int64_t first, int64_t n, int32_t* places) { \
    return find_places(pairs, first, n, places);                                                   \
  }                                                                                                \
  bool CountPairs##Name(const BinaryScores<T>& pairs, int64_t begin, int64_t end,                  \
                        int64_t* counts) {                                                         \
    return count_pairs(pairs, begin, end, counts);                                                 \
  }
ASSAY_FOR_EACH_SCALAR(ASSAY_DEFINE)
#undef ASSAY_DEFINE

}  // namespace
}  // namespace assay::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::kernels::cpu {
namespace {

HWY_EXPORT(FindPlaces);

/// Pairs one by one, in the sums' own places.
template <class WeightAt>
void add_pairs(const ClassPairs& pairs, int64_t begin, int64_t end, const ConfusionSums& sums,
               const WeightAt& weight_at) {
  const auto in_range = [&](int64_t c) {
    return static_cast<uint64_t>(c) < static_cast<uint64_t>(pairs.classes);
  };
  for (int64_t i = begin; i < end; ++i) {
    const int64_t t = pairs.y_true[i];
    const int64_t p = pairs.y_pred[i];
    if (!in_range(t) || (pairs.has_ignore_class && t == pairs.ignore_class)) continue;
    if (in_range(p)) {
      sums.matrix[t * pairs.classes + p] += weight_at(i);
    } else if (p == kNoClass) {
      sums.missed[t] += weight_at(i);
    }
  }
}

/// Adds a table [classes, classes + 1] whose last column is the misses.
template <class Sum>
void add_table(const Sum* table, int64_t classes, const ConfusionSums& sums) {
  for (int64_t t = 0; t < classes; ++t) {
    for (int64_t p = 0; p < classes; ++p) {
      sums.matrix[t * classes + p] += static_cast<double>(*table++);
    }
    sums.missed[t] += static_cast<double>(*table++);
  }
}

/// Adds up in a table. find(first, n, places) finds the places of a block and returns of how many.
/// Returns the first pair that has none.
template <class Sum, class Pairs, class Find, class WeightAt>
int64_t add_by_table(const Pairs& pairs, int64_t begin, int64_t end, const ConfusionSums& sums,
                     const Find& find, const WeightAt& weight_at) {
  constexpr int64_t kBlock = 1024;
  constexpr int64_t kCopies = HistogramCopies<Sum>::kCopies;
  const int64_t classes = pairs.classes;
  std::vector<Sum> table(static_cast<size_t>(classes * (classes + 1) + 1));
  HistogramCopies<Sum> copy(table.data(), static_cast<int64_t>(table.size()), end - begin);
  int32_t places[kBlock];
  int64_t first = begin;
  for (int64_t found = kBlock; found > 0; first += found) {
    found = find(first, std::min(kBlock, end - first), places);
    int64_t i = 0;
    for (; i + kCopies <= found; i += kCopies) {
      // Additions leave the memory idle, which the next block can use.
      hwy::Prefetch(pairs.y_true + first + kBlock + i);
      hwy::Prefetch(pairs.y_pred + first + kBlock + i);
      for (int64_t k = 0; k < kCopies; ++k) copy[k][places[i + k]] += weight_at(first + i + k);
    }
    for (; i < found; ++i) copy[i][places[i]] += weight_at(first + i);
  }
  copy.add_up();
  add_table(table.data(), classes, sums);
  return first;
}

template <class Sum, class WeightAt>
void add(const ClassPairs& pairs, int64_t begin, int64_t end, const ConfusionSums& sums,
         const WeightAt& weight_at) {
  if (HistogramCopies<Sum>::pay(pairs.classes * (pairs.classes + 1) + 1, end - begin)) {
    begin = add_by_table<Sum>(
        pairs, begin, end, sums,
        [&](int64_t first, int64_t n, int32_t* places) {
          return HWY_DYNAMIC_DISPATCH(FindPlaces)(pairs, first, n, places);
        },
        weight_at);
  }
  add_pairs(pairs, begin, end, sums, weight_at);
}

#define ASSAY_EXPORT(T, Name)                                                                   \
  HWY_EXPORT(FindPlaces##Name);                                                                 \
  HWY_EXPORT(CountPairs##Name);                                                                 \
  bool find_places(const BinaryScores<T>& pairs, int64_t first, int64_t n, int32_t* places) {   \
    return HWY_DYNAMIC_DISPATCH(FindPlaces##Name)(pairs, first, n, places);                     \
  }                                                                                             \
  bool count_pairs(const BinaryScores<T>& pairs, int64_t begin, int64_t end, int64_t* counts) { \
    return HWY_DYNAMIC_DISPATCH(CountPairs##Name)(pairs, begin, end, counts);                   \
  }
ASSAY_FOR_EACH_SCALAR(ASSAY_EXPORT)
#undef ASSAY_EXPORT

}  // namespace

void add_to_confusion_matrix(const ClassPairs& pairs, int64_t begin, int64_t end,
                             const ConfusionSums& sums) {
  add<int64_t>(pairs, begin, end, sums, [](int64_t) { return int64_t{1}; });
}

template <class W>
void add_to_confusion_matrix(const ClassPairs& pairs, const W* weights, int64_t begin, int64_t end,
                             const ConfusionSums& sums) {
  add<double>(pairs, begin, end, sums,
              [weights](int64_t i) { return static_cast<double>(weights[i]); });
}

template <class T>
bool add_to_confusion_matrix(const BinaryScores<T>& pairs, const double* weights, int64_t begin,
                             int64_t end, const ConfusionSums& sums) {
  if (weights == nullptr) {
    int64_t counts[6] = {};
    const bool whole = count_pairs(pairs, begin, end, counts);
    add_table(counts, 2, sums);
    return whole;
  }
  bool whole = true;
  const auto find = [&](int64_t first, int64_t n, int32_t* places) {
    whole = find_places(pairs, first, n, places) && whole;
    return n;
  };
  add_by_table<double>(pairs, begin, end, sums, find, [&](int64_t i) { return weights[i]; });
  return whole;
}

#define ASSAY_INSTANTIATE(T, Name)                                                         \
  template bool add_to_confusion_matrix<T>(const BinaryScores<T>&, const double*, int64_t, \
                                           int64_t, const ConfusionSums&);
ASSAY_FOR_EACH_SCALAR(ASSAY_INSTANTIATE)
#undef ASSAY_INSTANTIATE

template void add_to_confusion_matrix<float>(const ClassPairs&, const float*, int64_t, int64_t,
                                             const ConfusionSums&);
template void add_to_confusion_matrix<double>(const ClassPairs&, const double*, int64_t, int64_t,
                                              const ConfusionSums&);

}  // namespace assay::kernels::cpu
#endif  // HWY_ONCE
