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
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace assay::kernels::cpu::HWY_NAMESPACE {
namespace {  // other kernels have functions of the same names

namespace hn = hwy::HWY_NAMESPACE;

/// int64 numbers as the halves of each.
template <class D>
struct Halves {
  hn::Vec<D> low;
  hn::Vec<D> high;

  HWY_INLINE Halves(D d, const int64_t* from) {
    hn::LoadInterleaved2(d, reinterpret_cast<const int32_t*>(from), low, high);
  }

  HWY_INLINE hn::Mask<D> equal(D d, int64_t x) const {
    const auto is_low = hn::Eq(low, hn::Set(d, static_cast<int32_t>(x)));
    return hn::And(is_low, hn::Eq(high, hn::Set(d, static_cast<int32_t>(x >> 32))));
  }

  HWY_INLINE hn::Mask<D> in_range(D d, int64_t end) const {
    const auto is_less = hn::Lt(low, hn::Set(d, static_cast<int32_t>(end)));
    return hn::And(hn::AndNot(hn::Lt(low, hn::Zero(d)), is_less), hn::Eq(high, hn::Zero(d)));
  }
};

/// Where the pairs [first, first + n) belong in a table [classes, classes + 1] whose last column
/// is the misses, and which has one more place behind it for pairs that are left out. Done for as
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
    const Halves t(d, pairs.y_true + first + i);
    const Halves p(d, pairs.y_pred + first + i);
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

/// Adds up in a table whose places are found for whole blocks, in vectors.
template <class Sum, class WeightAt>
void add_by_table(const ClassPairs& pairs, int64_t begin, int64_t end, const ConfusionSums& sums,
                  const WeightAt& weight_at) {
  constexpr int64_t kBlock = 1024;
  constexpr int64_t kCopies = HistogramCopies<Sum>::kCopies;
  const int64_t classes = pairs.classes;
  std::vector<Sum> table(static_cast<size_t>(classes * (classes + 1) + 1));
  HistogramCopies<Sum> copy(table.data(), static_cast<int64_t>(table.size()), end - begin);
  int32_t places[kBlock];
  int64_t first = begin;
  for (int64_t found = kBlock; found > 0; first += found) {
    found = HWY_DYNAMIC_DISPATCH(FindPlaces)(pairs, first, std::min(kBlock, end - first), places);
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
  const Sum* from = table.data();
  for (int64_t t = 0; t < classes; ++t) {
    for (int64_t p = 0; p < classes; ++p) {
      sums.matrix[t * classes + p] += static_cast<double>(*from++);
    }
    sums.missed[t] += static_cast<double>(*from++);
  }
  add_pairs(pairs, first, end, sums, weight_at);
}

template <class Sum, class WeightAt>
void add(const ClassPairs& pairs, int64_t begin, int64_t end, const ConfusionSums& sums,
         const WeightAt& weight_at) {
  if (HistogramCopies<Sum>::pay(pairs.classes * (pairs.classes + 1) + 1, end - begin)) {
    add_by_table<Sum>(pairs, begin, end, sums, weight_at);
  } else {
    add_pairs(pairs, begin, end, sums, weight_at);
  }
}

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

template void add_to_confusion_matrix<float>(const ClassPairs&, const float*, int64_t, int64_t,
                                             const ConfusionSums&);
template void add_to_confusion_matrix<double>(const ClassPairs&, const double*, int64_t, int64_t,
                                              const ConfusionSums&);

}  // namespace assay::kernels::cpu
#endif  // HWY_ONCE
