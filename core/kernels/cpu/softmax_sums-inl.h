// SPDX-License-Identifier: Apache-2.0
// Sums of exp(x - max) that grow by chunks of classes.

#if defined(ASSAY_CORE_KERNELS_CPU_SOFTMAX_SUMS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_CORE_KERNELS_CPU_SOFTMAX_SUMS_INL_H_
#undef ASSAY_CORE_KERNELS_CPU_SOFTMAX_SUMS_INL_H_
#else
#define ASSAY_CORE_KERNELS_CPU_SOFTMAX_SUMS_INL_H_
#endif

#include <assay/core/kernels/cpu/simd_io-inl.h>
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

}  // namespace assay::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
