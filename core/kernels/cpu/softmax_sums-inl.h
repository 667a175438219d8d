// SPDX-License-Identifier: Apache-2.0
// Sums of exp(x - max) that grow by chunks of classes.

#if defined(ASSAY_CORE_KERNELS_CPU_SOFTMAX_SUMS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_CORE_KERNELS_CPU_SOFTMAX_SUMS_INL_H_
#undef ASSAY_CORE_KERNELS_CPU_SOFTMAX_SUMS_INL_H_
#else
#define ASSAY_CORE_KERNELS_CPU_SOFTMAX_SUMS_INL_H_
#endif

#include <assay/core/kernels/cpu/simd_io-inl.h>
#include <assay/core/kernels/cpu/simd_math-inl.h>
#include <hwy/highway.h>

#include <cstdint>
#include <limits>

HWY_BEFORE_NAMESPACE();
namespace assay::kernels::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// Vectors of classes that a row's maximum and sum take at once: few enough that what the maximum
/// brought into the first-level cache is still there for the sum, and that each of the sum's four
/// accumulators takes only 64 additions before it goes to a double.
constexpr int64_t kChunkVectors = 256;

/// Maxima of a row whose logits need no shift before exp: neither exp(x) overflows nor a chunk's
/// sum of it, and what is lost because exp(x) is below the smallest number is less than 1e-30 of
/// the sum.
constexpr double kLowestUnshifted = -16.0;
constexpr double kHighestUnshifted = 40.0;

HWY_INLINE bool needs_no_shift(double max) {
  return max >= kLowestUnshifted && max <= kHighestUnshifted;
}

/// The value to subtract before exp: 0 where everything so far is -infinity, so that exp gives 0
/// and not the NaN of -inf + inf.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V finite_shift(D d, V max) {
  const V lowest = hn::Set(d, -std::numeric_limits<hn::TFromD<D>>::infinity());
  return hn::IfThenZeroElse(hn::Eq(max, lowest), max);
}

HWY_INLINE double finite_shift(double max) {
  return max == -std::numeric_limits<double>::infinity() ? 0.0 : max;
}

/// The largest of classes [first, last) of a row that is at least a vector long.
template <class D, class T>
HWY_INLINE double max_of_chunk(D d, const T* x, int64_t first, int64_t last) {
  using V = hn::Vec<D>;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  // Reaches back to where the row has enough classes: the same ones once more are no matter.
  V max0 = load(d, x + last - lanes);
  V max1 = max0;
  V max2 = max0;
  V max3 = max0;
  int64_t c = first;
  for (; c + 4 * lanes <= last; c += 4 * lanes) {
    max0 = hn::Max(max0, load(d, x + c));
    max1 = hn::Max(max1, load(d, x + c + lanes));
    max2 = hn::Max(max2, load(d, x + c + 2 * lanes));
    max3 = hn::Max(max3, load(d, x + c + 3 * lanes));
  }
  for (; c + lanes <= last; c += lanes) max0 = hn::Max(max0, load(d, x + c));
  return hn::GetLane(hn::MaxOfLanes(d, hn::Max(hn::Max(max0, max1), hn::Max(max2, max3))));
}

/// What the rounding of difference = x - y lost; 0 where that is no number.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V lost_by_subtracting(D d, V x, V y, V difference) {
  const V minus_y = hn::Sub(difference, x);
  const V lost = hn::Sub(hn::Sub(x, hn::Sub(difference, minus_y)), hn::Add(y, minus_y));
  return hn::IfThenElse(hn::Eq(lost, lost), lost, hn::Zero(d));
}

/// x with 0 in one lane.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V without_lane(D d, V x, int64_t lane) {
  const hn::RebindToSigned<D> di;
  const auto index = hn::Set(di, static_cast<hn::TFromD<decltype(di)>>(lane));
  return hn::IfThenZeroElse(hn::RebindMask(d, hn::Eq(hn::Iota(di, 0), index)), x);
}

/// The sums of each lane's row that grow tile by tile. Kept apart from what they leave behind, the
/// largest classes cost the others no digits: log(sum) is log(1 + others).
template <class V>
struct TileSoftmax {
  V max;   // of the classes so far
  V top;   // how many are as large
  V rest;  // of exp(x - max) of those that are not

  HWY_INLINE V sum() const { return hn::Add(top, rest); }
  /// sum - 1.
  template <class D>
  HWY_INLINE V others(D d) const {
    return hn::Add(hn::Sub(top, hn::Set(d, hn::TFromD<D>(1))), rest);
  }
};

template <class D, class V = hn::Vec<D>>
HWY_INLINE void add_tile(D d, const hn::TFromD<D>* tile, int64_t classes, bool is_first,
                         TileSoftmax<V>& softmax) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const V one = hn::Set(d, hn::TFromD<D>(1));
  V max = hn::Load(d, tile);
  for (int64_t k = 1; k < classes; ++k) max = hn::Max(max, hn::Load(d, tile + k * lanes));
  if (!is_first) max = hn::Max(max, softmax.max);
  const V shift = finite_shift(d, max);
  V top = hn::Zero(d);
  V rest0 = hn::Zero(d);
  V rest1 = hn::Zero(d);
  const auto add = [&](int64_t k, V& rest) HWY_ATTR {
    const V x = hn::Load(d, tile + k * lanes);
    const V y = hn::Sub(x, shift);
    const auto is_top = hn::Eq(y, hn::Zero(d));
    const V e = exp_below_overflow(d, y, lost_by_subtracting(d, x, shift, y));
    top = hn::Add(top, hn::IfThenElseZero(is_top, one));
    rest = hn::Add(rest, hn::IfThenZeroElse(is_top, e));
  };
  int64_t k = 0;
  for (; k + 2 <= classes; k += 2) {
    add(k, rest0);
    add(k + 1, rest1);
  }
  if (k < classes) add(k, rest0);
  V rest = hn::Add(rest0, rest1);
  if (!is_first) {
    const V change = hn::Sub(softmax.max, shift);
    const auto is_same = hn::Eq(change, hn::Zero(d));
    const V passed = hn::Add(softmax.rest, hn::IfThenZeroElse(is_same, softmax.top));
    rest = hn::MulAdd(passed, exp_below_overflow(d, change), rest);
    top = hn::Add(top, hn::IfThenElseZero(is_same, softmax.top));
  }
  softmax = {max, top, rest};
}

}  // namespace assay::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
