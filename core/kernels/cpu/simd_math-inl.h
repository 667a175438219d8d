// SPDX-License-Identifier: Apache-2.0
// exp, log and log1p on Highway vectors of float and double. Highway's own math-inl.h is not used:
// its Exp turns NaN into 0, and its Log and Log1p give numbers for 0, infinity and NaN.
// Measured against the C library in simd_math_test.cpp.

#if defined(ASSAY_CORE_KERNELS_CPU_SIMD_MATH_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_CORE_KERNELS_CPU_SIMD_MATH_INL_H_
#undef ASSAY_CORE_KERNELS_CPU_SIMD_MATH_INL_H_
#else
#define ASSAY_CORE_KERNELS_CPU_SIMD_MATH_INL_H_
#endif

#include <hwy/highway.h>

#include <cstdint>
#include <limits>

HWY_BEFORE_NAMESPACE();
namespace assay::kernels::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// max(bound, x) that gives NaN for a NaN x.
template <class V>
HWY_INLINE V at_least(V bound, V x) {
#if HWY_ARCH_X86 && HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128
  return hn::Max(bound, x);  // x86 returns its second operand where one of them is NaN
#else
  return hn::IfThenElse(hn::Lt(x, bound), bound, x);
#endif
}

/// min(bound, x) that gives NaN for a NaN x.
template <class V>
HWY_INLINE V at_most(V bound, V x) {
#if HWY_ARCH_X86 && HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128
  return hn::Min(bound, x);
#else
  return hn::IfThenElse(hn::Gt(x, bound), bound, x);
#endif
}

/// x within [low, high]; NaN stays NaN.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V clip(D d, V x, hn::TFromD<D> low, hn::TFromD<D> high) {
  return at_most(hn::Set(d, high), at_least(hn::Set(d, low), x));
}

namespace detail {

template <class T>
struct FloatTraits;

template <>
struct FloatTraits<float> {
  static constexpr int kMantissaBits = 23;
  static constexpr float kBias = 127.0F;
  static constexpr float kMagic = 12582912.0F;  // 1.5 * 2^23: adding it rounds to an integer
  static constexpr float kLn2High = 0.693359375F;
  static constexpr float kLn2Low = -2.12194440e-4F;
  static constexpr float kExpFlush = -88.0F;  // rounds to the exponent -127, whose power is 0
  static constexpr float kExpLowest = -104.0F;
  static constexpr float kExpHighest = 89.0F;
  static constexpr uint32_t kSqrtHalfBits = 0x3F3504F3U;
  static constexpr uint32_t kOneBits = 0x3F800000U;
  static constexpr uint32_t kMantissaMask = 0x7FFFFFU;
};

template <>
struct FloatTraits<double> {
  static constexpr int kMantissaBits = 52;
  static constexpr double kBias = 1023.0;
  static constexpr double kMagic = 6755399441055744.0;  // 1.5 * 2^52
  static constexpr double kLn2High = 6.93147180369123816490e-01;
  static constexpr double kLn2Low = 1.90821492927058770002e-10;
  static constexpr double kExpFlush = -709.0;
  static constexpr double kExpLowest = -746.0;
  static constexpr double kExpHighest = 710.0;
  static constexpr uint64_t kSqrtHalfBits = 0x3FE6A09E667F3BCDULL;
  static constexpr uint64_t kOneBits = 0x3FF0000000000000ULL;
  static constexpr uint64_t kMantissaMask = 0xFFFFFFFFFFFFFULL;
};

/// exp(r) for |r| <= ln(2) / 2, minimax polynomials of relative error below 4e-9 and 7e-20.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V exp_polynomial(D d, V r) {
  using T = hn::TFromD<D>;
  const auto c = [d](double x) HWY_ATTR { return hn::Set(d, static_cast<T>(x)); };
  const V r2 = hn::Mul(r, r);
  if constexpr (sizeof(T) == 4) {
    const V low = hn::MulAdd(c(0.16666512890726704), r, c(0.50000001009897341));
    const V high = hn::MulAdd(c(0.0083695981996453436), r, c(0.041666187244347661));
    const V q = hn::MulAdd(hn::MulAdd(c(0.0013951719972908188), r2, high), r2, low);
    return hn::Add(hn::MulAdd(q, r2, r), c(1.0));
  } else {
    const V r4 = hn::Mul(r2, r2);
    const V q01 = hn::MulAdd(c(0.1666666666666668562433539), r, c(0.4999999999999999996171103));
    const V q23 = hn::MulAdd(c(0.008333333333315376647166358), r, c(0.04166666666666673023648329));
    const V q45 =
        hn::MulAdd(c(0.0001984126990045907401877937), r, c(0.001388888888885606153432632));
    const V q67 = hn::MulAdd(c(2.755723081738984973167129e-6), r, c(2.480158737793173220786e-5));
    const V q89 = hn::MulAdd(c(2.51134379917880031206834e-8), r, c(2.755723007654338461354e-7));
    const V q03 = hn::MulAdd(q23, r2, q01);
    const V q47 = hn::MulAdd(q67, r2, q45);
    const V q8a = hn::MulAdd(c(2.092789349184343128577e-9), r2, q89);
    const V q = hn::MulAdd(hn::MulAdd(q8a, r4, q47), r4, q03);
    return hn::Add(hn::MulAdd(q, r2, r), c(1.0));
  }
}

/// 2^n for an integral n that stands in a float, 0 for n = -bias.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V power_of_two(D d, V biased_magic) {
  using Traits = FloatTraits<hn::TFromD<D>>;
  const hn::RebindToUnsigned<D> du;
  return hn::BitCast(d, hn::ShiftLeft<Traits::kMantissaBits>(hn::BitCast(du, biased_magic)));
}

/// log(1 + f) - f + exponent * (ln(2) - kLn2High) for f in [sqrt(1/2) - 1, sqrt(2) - 1].
template <class D, class V = hn::Vec<D>>
HWY_INLINE V log_tail(D d, V f, V exponent) {
  using T = hn::TFromD<D>;
  using Traits = FloatTraits<T>;
  const auto c = [d](double x) HWY_ATTR { return hn::Set(d, static_cast<T>(x)); };
  const V ln2_low = hn::Set(d, Traits::kLn2Low);
  const V f2 = hn::Mul(f, f);
  if constexpr (sizeof(T) == 4) {
    // f - f^2 / 2 + f^3 p(f), p of relative error below 7e-9; without a division.
    const V f4 = hn::Mul(f2, f2);
    const V p01 = hn::MulAdd(c(-0.25000837957333814), f, c(0.33333331197030786));
    const V p23 = hn::MulAdd(c(-0.16622765017499329), f, c(0.20001292686418531));
    const V p45 = hn::MulAdd(c(-0.13164185587843555), f, c(0.1419969602334852));
    const V p67 = hn::MulAdd(c(-0.076461019672246338), f, c(0.1277911223265962));
    const V p03 = hn::MulAdd(p23, f2, p01);
    const V p47 = hn::MulAdd(p67, f2, p45);
    const V p = hn::MulAdd(p47, f4, p03);
    V tail = hn::Mul(hn::Mul(f2, f), p);
    tail = hn::MulAdd(exponent, ln2_low, tail);
    return hn::NegMulAdd(c(0.5), f2, tail);
  } else {
    // With s = f / (2 + f): log(1 + f) = 2 atanh(s) = 2 s + s r(s^2) = f - (f^2/2 - s (f^2/2 + r)).
    const V s = hn::Div(f, hn::Add(c(2.0), f));
    const V z = hn::Mul(s, s);
    const V w = hn::Mul(z, z);
    const V even = hn::MulAdd(hn::MulAdd(c(0.1531345990611809), w, c(0.22222198182243648)), w,
                              c(0.3999999999940021));
    const V odd =
        hn::MulAdd(hn::MulAdd(hn::MulAdd(c(0.14802187260941519), w, c(0.18183586066644754)), w,
                              c(0.28571428745915960)),
                   w, c(0.66666666666667364));
    const V r = hn::MulAdd(odd, z, hn::Mul(even, w));
    const V half_square = hn::Mul(c(0.5), f2);
    const V low = hn::MulAdd(exponent, ln2_low, hn::Mul(s, hn::Add(half_square, r)));
    return hn::Sub(low, half_square);
  }
}

/// log(1 + f) + exponent * ln(2), f as above.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V log_reduced(D d, V f, V exponent) {
  const V ln2_high = hn::Set(d, FloatTraits<hn::TFromD<D>>::kLn2High);
  return hn::MulAdd(exponent, ln2_high, hn::Add(f, log_tail(d, f, exponent)));
}

/// Splits a positive normal x into (1 + f) * 2^exponent, 1 + f in [sqrt(1/2), sqrt(2)).
template <class D, class V = hn::Vec<D>>
HWY_INLINE void split_exponent(D d, V x, V& f, V& exponent) {
  using T = hn::TFromD<D>;
  using Traits = FloatTraits<T>;
  const hn::RebindToUnsigned<D> du;
  using U = hn::TFromD<decltype(du)>;
  // Biased, so that the shift may be logical and the conversion a bit pattern: AVX2 has neither
  // an arithmetic 64-bit shift nor a conversion from int64.
  const auto shifted = hn::Add(
      hn::BitCast(du, x), hn::Set(du, static_cast<U>(Traits::kOneBits - Traits::kSqrtHalfBits)));
  constexpr T kTwoToMantissa = Traits::kMagic / static_cast<T>(1.5);
  const auto biased = hn::ShiftRight<Traits::kMantissaBits>(shifted);
  exponent = hn::Sub(hn::BitCast(d, hn::Or(biased, hn::BitCast(du, hn::Set(d, kTwoToMantissa)))),
                     hn::Set(d, kTwoToMantissa + Traits::kBias));
  const auto mantissa =
      hn::Add(hn::And(shifted, hn::Set(du, static_cast<U>(Traits::kMantissaMask))),
              hn::Set(du, static_cast<U>(Traits::kSqrtHalfBits)));
  f = hn::Sub(hn::BitCast(d, mantissa), hn::Set(d, static_cast<T>(1.0)));
}

/// x as n ln(2) + r; n stands in the low bits of `biased`, as power_of_two takes it.
template <class V>
struct ReducedExponent {
  V biased;
  V r;
};

template <class D, class V = hn::Vec<D>>
HWY_INLINE ReducedExponent<V> reduce_exponent(D d, V x) {
  using T = hn::TFromD<D>;
  using Traits = FloatTraits<T>;
  x = at_least(hn::Set(d, Traits::kExpFlush), x);
  const V magic = hn::Set(d, Traits::kMagic + Traits::kBias);
  const V biased = hn::MulAdd(x, hn::Set(d, static_cast<T>(1.44269504088896340736)), magic);
  const V n = hn::Sub(biased, magic);
  const V r = hn::NegMulAdd(n, hn::Set(d, Traits::kLn2High), x);
  return {biased, hn::NegMulAdd(n, hn::Set(d, Traits::kLn2Low), r)};
}

}  // namespace detail

/// exp(x) for x up to 88 (float) or 709 (double): results below the smallest normal number are 0,
/// NaN stays NaN.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V exp_below_overflow(D d, V x) {
  const auto reduced = detail::reduce_exponent(d, x);
  // A product rather than an addition to the exponent's bits: it keeps NaN.
  return hn::Mul(detail::exp_polynomial(d, reduced.r), detail::power_of_two(d, reduced.biased));
}

/// exp(x + low) for a `low` of no more than the rounding of x.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V exp_below_overflow(D d, V x, V low) {
  const auto reduced = detail::reduce_exponent(d, x);
  return hn::Mul(detail::exp_polynomial(d, hn::Add(reduced.r, low)),
                 detail::power_of_two(d, reduced.biased));
}

/// exp(x) for every x, subnormal results, infinities and NaN included.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V exp(D d, V x) {
  using T = hn::TFromD<D>;
  using Traits = detail::FloatTraits<T>;
  x = at_most(hn::Set(d, Traits::kExpHighest), at_least(hn::Set(d, Traits::kExpLowest), x));
  const V magic = hn::Set(d, Traits::kMagic);
  const V biased_magic = hn::Set(d, Traits::kMagic + Traits::kBias);
  const V n =
      hn::Sub(hn::MulAdd(x, hn::Set(d, static_cast<T>(1.44269504088896340736)), magic), magic);
  V r = hn::NegMulAdd(n, hn::Set(d, Traits::kLn2High), x);
  r = hn::NegMulAdd(n, hn::Set(d, Traits::kLn2Low), r);
  // Two factors: 2^n itself may be out of range where the result is not.
  const V half = hn::Sub(hn::MulAdd(n, hn::Set(d, static_cast<T>(0.5)), magic), magic);
  const V scale1 = detail::power_of_two(d, hn::Add(half, biased_magic));
  const V scale2 = detail::power_of_two(d, hn::Add(hn::Sub(n, half), biased_magic));
  return hn::Mul(hn::Mul(detail::exp_polynomial(d, r), scale1), scale2);
}

/// log(x) for positive, normal, finite x; NaN stays NaN.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V log_normal(D d, V x) {
  V f, exponent;
  detail::split_exponent(d, x, f, exponent);
  return hn::IfThenElse(hn::Eq(x, x), detail::log_reduced(d, f, exponent), x);
}

/// log(x) for every x: subnormals, log(0) = -inf, log(x < 0) = NaN.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V log(D d, V x) {
  using T = hn::TFromD<D>;
  using Limits = std::numeric_limits<T>;
  constexpr T kScale = sizeof(T) == 4 ? static_cast<T>(1 << 25) : static_cast<T>(1LL << 54);
  constexpr T kScaleExponent = sizeof(T) == 4 ? static_cast<T>(25) : static_cast<T>(54);
  const V infinity = hn::Set(d, Limits::infinity());
  const auto is_small = hn::Lt(x, hn::Set(d, Limits::min()));
  V f, exponent;
  detail::split_exponent(d, hn::IfThenElse(is_small, hn::Mul(x, hn::Set(d, kScale)), x), f,
                         exponent);
  exponent = hn::Sub(exponent, hn::IfThenElseZero(is_small, hn::Set(d, kScaleExponent)));
  V result = detail::log_reduced(d, f, exponent);
  result = hn::IfThenElse(hn::Eq(x, hn::Zero(d)), hn::Neg(infinity), result);
  result = hn::IfThenElse(hn::Lt(x, hn::Zero(d)), hn::Set(d, Limits::quiet_NaN()), result);
  // Written so that NaN, which compares false (with Highway's Ne as well), is passed on.
  return hn::IfThenElse(hn::Lt(x, infinity), result, x);
}

/// log(1 + x) for 0 <= x <= 1; NaN stays NaN.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V log1p_unit(D d, V x) {
  using T = hn::TFromD<D>;
  const V one = hn::Set(d, static_cast<T>(1.0));
  // Either 1 + x or (1 + x) / 2 is in the polynomial's range, and both f are exact.
  const auto is_high = hn::Gt(x, hn::Set(d, static_cast<T>(0.41421356)));
  const V f = hn::IfThenElse(is_high, hn::Mul(hn::Sub(x, one), hn::Set(d, static_cast<T>(0.5))), x);
  return detail::log_reduced(d, f, hn::IfThenElseZero(is_high, one));
}

/// A logarithm as three numbers: their sum in a wider type has more digits than one number.
template <class V>
struct SplitLog {
  V high;
  V middle;
  V low;
};

/// log(x) of a positive, normal, finite x; NaN gives NaN.
template <class D, class V = hn::Vec<D>>
HWY_INLINE SplitLog<V> split_log(D d, V x) {
  V f, exponent;
  detail::split_exponent(d, x, f, exponent);
  const V ln2_high = hn::Set(d, detail::FloatTraits<hn::TFromD<D>>::kLn2High);
  const V tail = detail::log_tail(d, f, exponent);
  return {hn::Mul(exponent, ln2_high), f, hn::IfThenElse(hn::Eq(x, x), tail, x)};
}

/// For finite x >= 0; NaN and -1 give NaN.
template <class D, class V = hn::Vec<D>>
HWY_INLINE SplitLog<V> split_log1p(D d, V x) {
  const V one = hn::Set(d, static_cast<hn::TFromD<D>>(1.0));
  const V y = hn::Add(x, one);
  V f, exponent;
  detail::split_exponent(d, y, f, exponent);
  const V lost = hn::Div(hn::Sub(x, hn::Sub(y, one)), y);
  const V ln2_high = hn::Set(d, detail::FloatTraits<hn::TFromD<D>>::kLn2High);
  return {hn::Mul(exponent, ln2_high), f, hn::Add(detail::log_tail(d, f, exponent), lost)};
}

namespace detail {

/// Splits 1 - x for 0 <= x < 1 as split_exponent does.
template <class D, class V = hn::Vec<D>>
HWY_INLINE void split_below_one(D d, V x, V& f, V& exponent) {
  using T = hn::TFromD<D>;
  const V one = hn::Set(d, static_cast<T>(1.0));
  split_exponent(d, hn::Sub(one, x), f, exponent);
  // From 1/2 on, 1 - x is exact. Below, -x is in the polynomial's range up to 1 - sqrt(1/2), and
  // then 2 (1 - x) - 1 is, which is exact.
  const auto is_below = hn::Lt(x, hn::Set(d, static_cast<T>(0.5)));
  const auto is_low = hn::Lt(x, hn::Set(d, static_cast<T>(0.29289321)));
  f = hn::IfThenElse(is_below, hn::NegMulAdd(hn::Add(one, one), x, one), f);
  f = hn::IfThenElse(is_low, hn::Neg(x), f);
  exponent = hn::IfThenElse(is_below, hn::Neg(one), exponent);
  exponent = hn::IfThenZeroElse(is_low, exponent);
}

}  // namespace detail

/// log(1 - x) for 0 <= x < 1; NaN stays NaN.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V log1m_unit(D d, V x) {
  V f, exponent;
  detail::split_below_one(d, x, f, exponent);
  return hn::IfThenElse(hn::Eq(x, x), detail::log_reduced(d, f, exponent), x);
}

/// log(1 - x) for 0 <= x < 1; NaN gives NaN.
template <class D, class V = hn::Vec<D>>
HWY_INLINE SplitLog<V> split_log1m_unit(D d, V x) {
  V f, exponent;
  detail::split_below_one(d, x, f, exponent);
  const V ln2_high = hn::Set(d, detail::FloatTraits<hn::TFromD<D>>::kLn2High);
  const V tail = detail::log_tail(d, f, exponent);
  return {hn::Mul(exponent, ln2_high), f, hn::IfThenElse(hn::Eq(x, x), tail, x)};
}

/// log(1 + x) for x >= 0, infinity included; NaN stays NaN.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V log1p(D d, V x) {
  using T = hn::TFromD<D>;
  const V one = hn::Set(d, static_cast<T>(1.0));
  const V y = hn::Add(x, one);
  V f, exponent;
  detail::split_exponent(d, y, f, exponent);
  // What the addition lost is a small multiple of y: log(y + lost) = log(y) + lost / y.
  const V lost = hn::Sub(x, hn::Sub(y, one));
  const V result = hn::Add(detail::log_reduced(d, f, exponent), hn::Div(lost, y));
  const V infinity = hn::Set(d, std::numeric_limits<T>::infinity());
  return hn::IfThenElse(hn::Lt(x, infinity), result, x);
}

}  // namespace assay::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
