// SPDX-License-Identifier: Apache-2.0
#include <assay/core/kernels/cpu/weighted_sums.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "assay/core/kernels/cpu/weighted_sums.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h, which includes this file once for each target.
#include <assay/core/kernels/cpu/doubles-inl.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace assay::kernels::cpu::HWY_NAMESPACE {
namespace {  // other kernels have functions of the same names

namespace hn = hwy::HWY_NAMESPACE;

/// The sums of n entries, of which each has a weight, and a place in the mask, where there are any.
template <bool kWeights, bool kMask, class T, class W>
WeightedSums sum_run(const T* values, const W* weights, const bool* mask, int64_t n) {
  const Doubles d;
  using V = hn::Vec<Doubles>;
  constexpr auto kLanes = static_cast<int64_t>(hn::MaxLanes(d));
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  V sums[4] = {hn::Zero(d), hn::Zero(d), hn::Zero(d), hn::Zero(d)};
  V weight_sums[4] = {hn::Zero(d), hn::Zero(d), hn::Zero(d), hn::Zero(d)};
  size_t count = 0;
  const auto add = [&](int k, const T* v, const W* w, const bool* m) HWY_ATTR {
    V value = load_doubles(d, v);
    V weight = hn::Set(d, 1.0);
    if constexpr (kWeights) {
      weight = load_doubles(d, w);
      value = hn::Mul(value, weight);
    }
    if constexpr (kMask) {
      const auto counted =
          hn::RebindMask(d, hn::MaskFromVec(load_bools(hn::RebindToSigned<Doubles>(), m)));
      value = hn::IfThenElseZero(counted, value);
      if constexpr (kWeights) weight = hn::IfThenElseZero(counted, weight);
      count += hn::CountTrue(d, counted);
    }
    sums[k] = hn::Add(sums[k], value);
    if constexpr (kWeights) weight_sums[k] = hn::Add(weight_sums[k], weight);
  };
  int64_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    for (int k = 0; k < 4; ++k) {
      const int64_t at = i + k * lanes;
      add(k, values + at, kWeights ? weights + at : nullptr, kMask ? mask + at : nullptr);
    }
  }
  for (; i < n; i += lanes) {
    // What is left, in arrays of whole vectors: zeros of no weight that no mask counts.
    const int64_t left = std::min(lanes, n - i);
    T v[kLanes] = {};
    W w[kLanes] = {};
    bool m[kLanes] = {};
    std::copy_n(values + i, left, v);
    if constexpr (kWeights) std::copy_n(weights + i, left, w);
    if constexpr (kMask) std::copy_n(mask + i, left, m);
    add(0, v, w, m);
  }
  const auto total = [d](const V* v) HWY_ATTR {
    return hn::GetLane(hn::SumOfLanes(d, hn::Add(hn::Add(v[0], v[1]), hn::Add(v[2], v[3]))));
  };
  WeightedSums result;
  result.value = total(sums);
  result.count = kMask ? static_cast<int64_t>(count) : n;
  result.weight = kWeights ? total(weight_sums) : static_cast<double>(result.count);
  return result;
}

template <bool kMask, class T, class W>
WeightedSums sum_block(const WeightedSumInput<T, W>& input, int64_t first, int64_t last) {
  const T* values = input.values + first;
  const bool* mask = kMask ? input.mask + first : nullptr;
  const int64_t n = last - first;
  if (input.weights == nullptr) return sum_run<false, kMask, T, W>(values, nullptr, mask, n);
  if (input.weight_repeat == 1) return sum_run<true, kMask>(values, input.weights + first, mask, n);
  W repeated[kSumBlock];
  for (int64_t i = first; i < last;) {
    const int64_t run = std::min(input.weight_repeat - i % input.weight_repeat, last - i);
    std::fill_n(repeated + (i - first), run, input.weights[i / input.weight_repeat]);
    i += run;
  }
  return sum_run<true, kMask>(values, repeated, mask, n);
}

template <class T, class W>
HWY_INLINE void block_sums(const WeightedSumInput<T, W>& input, int64_t begin, int64_t end,
                           WeightedSums* sums) {
  for (int64_t block = begin; block < end; ++block) {
    const int64_t first = block * kSumBlock;
    const int64_t last = std::min(first + kSumBlock, input.size);
    sums[block] = input.mask == nullptr ? sum_block<false>(input, first, last)
                                        : sum_block<true>(input, first, last);
  }
}

// Highway exports functions, not templates.
#define ASSAY_DEFINE(T, W, Name)                                                  \
  void Sum##Name(const WeightedSumInput<T, W>& input, int64_t begin, int64_t end, \
                 WeightedSums* sums) {                                            \
    block_sums(input, begin, end, sums);                                          \
  }
ASSAY_DEFINE(float, float, FloatFloat)
ASSAY_DEFINE(float, double, FloatDouble)
ASSAY_DEFINE(double, float, DoubleFloat)
ASSAY_DEFINE(double, double, DoubleDouble)
ASSAY_DEFINE(BFloat16, float, BFloat16Float)
ASSAY_DEFINE(BFloat16, double, BFloat16Double)
ASSAY_DEFINE(Float16, float, Float16Float)
ASSAY_DEFINE(Float16, double, Float16Double)
#undef ASSAY_DEFINE

}  // namespace
}  // namespace assay::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::kernels::cpu {

#define ASSAY_EXPORT(T, W, Name)                                                                  \
  HWY_EXPORT(Sum##Name);                                                                          \
  template <>                                                                                     \
  void weighted_block_sums<T, W>(const WeightedSumInput<T, W>& input, int64_t begin, int64_t end, \
                                 WeightedSums* sums) {                                            \
    HWY_DYNAMIC_DISPATCH(Sum##Name)(input, begin, end, sums);                                     \
  }
ASSAY_EXPORT(float, float, FloatFloat)
ASSAY_EXPORT(float, double, FloatDouble)
ASSAY_EXPORT(double, float, DoubleFloat)
ASSAY_EXPORT(double, double, DoubleDouble)
ASSAY_EXPORT(BFloat16, float, BFloat16Float)
ASSAY_EXPORT(BFloat16, double, BFloat16Double)
ASSAY_EXPORT(Float16, float, Float16Float)
ASSAY_EXPORT(Float16, double, Float16Double)
#undef ASSAY_EXPORT

}  // namespace assay::kernels::cpu
#endif  // HWY_ONCE
