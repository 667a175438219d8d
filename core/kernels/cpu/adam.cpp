// SPDX-License-Identifier: Apache-2.0
#include <assay/core/kernels/cpu/adam.h>

#include <algorithm>
#include <cstdint>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "assay/core/kernels/cpu/adam.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h, which includes this file once for each target.
#include <assay/core/kernels/cpu/simd_io-inl.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace assay::kernels::cpu::HWY_NAMESPACE {
namespace {  // other kernels have functions of the same names

namespace hn = hwy::HWY_NAMESPACE;

template <class T>
HWY_INLINE void update(const AdamNumbers<T>& numbers, const AdamFactors<T>& factors, int64_t begin,
                       int64_t end) {
  const hn::ScalableTag<T> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  // Between two numbers, lerp_ starts at the nearer one.
  const bool from_mean = factors.mean_weight < T(0.5);
  const auto mean_weight = hn::Set(d, from_mean ? factors.mean_weight : factors.mean_weight - T(1));
  const auto square_kept = hn::Set(d, factors.square_kept);
  const auto square_weight = hn::Set(d, factors.square_weight);
  const auto epsilon = hn::Set(d, factors.epsilon);
  const auto rate = hn::Set(d, -factors.rate);
  const auto step = [&](int64_t i, int64_t n) HWY_ATTR {
    const auto g = load_up_to(d, numbers.gradient + i, n);
    auto mean = load_up_to(d, numbers.mean + i, n);
    mean = hn::MulAdd(mean_weight, hn::Sub(g, mean), from_mean ? mean : g);
    store_up_to(d, mean, numbers.mean + i, n);
    auto square = hn::Mul(load_up_to(d, numbers.square + i, n), square_kept);
    square = hn::Add(square, hn::Mul(hn::Mul(square_weight, g), g));
    store_up_to(d, square, numbers.square + i, n);
    if (numbers.largest_square != nullptr) {
      const auto before = load_up_to(d, numbers.largest_square + i, n);
      // A square that is NaN stays the largest.
      square = hn::IfThenElse(hn::Or(hn::Gt(before, square), hn::IsNaN(before)), before, square);
      store_up_to(d, square, numbers.largest_square + i, n);
    }
    const auto divisor = hn::Add(hn::Sqrt(square), epsilon);
    const auto change = hn::Div(hn::Mul(rate, mean), divisor);
    const auto parameter = load_up_to(d, numbers.parameter + i, n);
    store_up_to(d, hn::Add(parameter, change), numbers.parameter + i, n);
  };
  int64_t i = begin;
  for (; i + lanes <= end; i += lanes) step(i, lanes);
  if (i < end) step(i, end - i);
}

// Highway exports functions, not templates.
void AdamFloat(const AdamNumbers<float>& numbers, const AdamFactors<float>& factors, int64_t begin,
               int64_t end) {
  update(numbers, factors, begin, end);
}
void AdamDouble(const AdamNumbers<double>& numbers, const AdamFactors<double>& factors,
                int64_t begin, int64_t end) {
  update(numbers, factors, begin, end);
}

}  // namespace
}  // namespace assay::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::kernels::cpu {

HWY_EXPORT(AdamFloat);
HWY_EXPORT(AdamDouble);

template <>
void adam_update<float>(const AdamNumbers<float>& numbers, const AdamFactors<float>& factors,
                        int64_t begin, int64_t end) {
  HWY_DYNAMIC_DISPATCH(AdamFloat)(numbers, factors, begin, end);
}

template <>
void adam_update<double>(const AdamNumbers<double>& numbers, const AdamFactors<double>& factors,
                         int64_t begin, int64_t end) {
  HWY_DYNAMIC_DISPATCH(AdamDouble)(numbers, factors, begin, end);
}

}  // namespace assay::kernels::cpu
#endif  // HWY_ONCE
