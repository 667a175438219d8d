// SPDX-License-Identifier: Apache-2.0
// Loads and stores that convert between a storage type (float, double, BFloat16, Float16) and
// vectors of the type that the kernels compute in.

#if defined(ASSAY_CORE_KERNELS_CPU_SIMD_IO_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_CORE_KERNELS_CPU_SIMD_IO_INL_H_
#undef ASSAY_CORE_KERNELS_CPU_SIMD_IO_INL_H_
#else
#define ASSAY_CORE_KERNELS_CPU_SIMD_IO_INL_H_
#endif

#include <assay/core/kernels/cpu/scalar_conversion.h>
#include <assay/core/kernels/cpu/scalar_types.h>
#include <hwy/highway.h>

#include <cstddef>
#include <cstdint>

// Whether the target has instructions that convert float16, exact for every value. Highway's own
// emulation is not: it treats infinity as a number and does not round to the nearest.
// (A better target has a smaller number.)
#undef ASSAY_NATIVE_FLOAT16_CONVERSION
#if HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128 && \
    ((HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2) || HWY_ARCH_ARM_A64)
#define ASSAY_NATIVE_FLOAT16_CONVERSION 1
#else
#define ASSAY_NATIVE_FLOAT16_CONVERSION 0
#endif

HWY_BEFORE_NAMESPACE();
namespace assay::kernels::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

namespace detail {

template <class T>
struct RawLane {
  using Type = T;
};
template <>
struct RawLane<BFloat16> {
  using Type = uint16_t;
};
template <>
struct RawLane<Float16> {
  using Type = uint16_t;
};

template <class D, class V = hn::Vec<D>, class D16, class V16>
HWY_INLINE V promote_float16(D d, D16 /*d16*/, V16 raw) {
#if ASSAY_NATIVE_FLOAT16_CONVERSION
  return hn::PromoteTo(d, hn::BitCast(hn::Rebind<hwy::float16_t, D16>(), raw));
#else
  const hn::RebindToUnsigned<D> du;
  const auto bits = hn::ShiftLeft<16>(hn::PromoteTo(du, raw));
  const auto sign = hn::And(bits, hn::Set(du, 0x80000000U));
  const auto twice = hn::Add(bits, bits);
  const V normal =
      hn::Mul(hn::BitCast(d, hn::Add(hn::ShiftRight<4>(twice), hn::Set(du, 0xE0U << 23))),
              hn::Set(d, 0x1.0p-112F));
  const V subnormal = hn::Sub(
      hn::BitCast(d, hn::Or(hn::ShiftRight<17>(twice), hn::Set(du, 126U << 23))), hn::Set(d, 0.5F));
  const auto is_subnormal = hn::Eq(hn::ShiftRight<27>(twice), hn::Zero(du));
  return hn::BitCast(d, hn::Or(sign, hn::IfThenElse(is_subnormal, hn::BitCast(du, subnormal),
                                                    hn::BitCast(du, normal))));
#endif
}

template <class D16, class D, class V = hn::Vec<D>>
HWY_INLINE hn::Vec<D16> demote_float16(D16 d16, D d, V x) {
#if ASSAY_NATIVE_FLOAT16_CONVERSION
  (void)d;
  return hn::BitCast(d16, hn::DemoteTo(hn::Rebind<hwy::float16_t, D16>(), x));
#else
  // As from_compute<Float16>.
  const hn::RebindToUnsigned<D> du;
  const hn::RebindToSigned<D> di;
  const auto bits = hn::BitCast(du, x);
  const auto sign = hn::ShiftLeft<15>(hn::ShiftRight<31>(bits));
  const V magnitude =
      hn::Mul(hn::Mul(hn::Abs(x), hn::Set(d, 0x1.0p+112F)), hn::Set(d, 0x1.0p-110F));
  const auto exponent = hn::And(bits, hn::Set(du, 0x7F800000U));
  const auto bias = hn::Max(exponent, hn::Set(du, 0x38800000U));
  const auto sum =
      hn::BitCast(du, hn::Add(hn::BitCast(d, hn::Add(bias, hn::Set(du, 0x07800000U))), magnitude));
  const auto number = hn::Add(hn::And(hn::ShiftRight<13>(sum), hn::Set(du, 0x7C00U)),
                              hn::And(sum, hn::Set(du, 0xFFFU)));
  const auto is_number = hn::RebindMask(du, hn::Eq(x, x));
  const auto result = hn::Or(sign, hn::IfThenElse(is_number, number, hn::Set(du, 0x7E00U)));
  return hn::DemoteTo(d16, hn::BitCast(di, result));
#endif
}

}  // namespace detail

/// How far ahead of a row's sum its numbers are asked for. The processor foresees what is read too,
/// but not beyond the page that it reads: softmax crossentropy of (4096, 1000) takes 0.53 ms
/// instead of 0.67 so.
constexpr int64_t kPrefetched = 1024;

/// The tag of the unconverted lanes that D's lanes are stored as.
template <class T, class D>
using RawTag = hn::Rebind<typename detail::RawLane<T>::Type, D>;

template <class T, class D>
HWY_INLINE hn::Vec<RawTag<T, D>> load_raw(D /*d*/, const T* from) {
  return hn::LoadU(RawTag<T, D>(),
                   reinterpret_cast<const typename detail::RawLane<T>::Type*>(from));
}

/// Converts lanes that load_raw<T> read.
template <class T, class D, class VRaw>
HWY_INLINE hn::Vec<D> from_raw(D d, VRaw raw) {
  if constexpr (std::is_same_v<T, BFloat16>) {
    const hn::RebindToUnsigned<D> du;
    return hn::BitCast(d, hn::ShiftLeft<16>(hn::PromoteTo(du, raw)));
  } else if constexpr (std::is_same_v<T, Float16>) {
    return detail::promote_float16(d, RawTag<T, D>(), raw);
  } else {
    return raw;
  }
}

/// Rounds to what T can hold: to the nearest, ties to even.
template <class T, class D>
HWY_INLINE hn::Vec<RawTag<T, D>> to_raw(D d, hn::Vec<D> x) {
  const RawTag<T, D> d_raw;
  if constexpr (std::is_same_v<T, BFloat16>) {
    // Highway's own conversion truncates.
    const hn::RebindToUnsigned<D> du;
    const hn::RebindToSigned<D> di;
    const auto bits = hn::BitCast(du, x);
    const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(du, 1U));
    const auto rounded = hn::ShiftRight<16>(hn::Add(bits, hn::Add(odd, hn::Set(du, 0x7FFFU))));
    const auto is_number = hn::RebindMask(du, hn::Eq(x, x));
    return hn::DemoteTo(d_raw,
                        hn::BitCast(di, hn::IfThenElse(is_number, rounded, hn::Set(du, 0x7FC0U))));
  } else if constexpr (std::is_same_v<T, Float16>) {
    return detail::demote_float16(d_raw, d, x);
  } else {
    return x;
  }
}

template <class T, class D>
HWY_INLINE void store_raw(D /*d*/, hn::Vec<RawTag<T, D>> raw, T* to) {
  hn::StoreU(raw, RawTag<T, D>(), reinterpret_cast<typename detail::RawLane<T>::Type*>(to));
}

/// Lanes(d) numbers from `from`, of any alignment.
template <class D, class T>
HWY_INLINE hn::Vec<D> load(D d, const T* from) {
  return from_raw<T>(d, load_raw(d, from));
}

template <class D, class T>
HWY_INLINE void store(D d, hn::Vec<D> x, T* to) {
  store_raw<T>(d, to_raw<T>(d, x), to);
}

/// The first n numbers, and 0 in the other lanes. Slow: for the ends of ranges.
template <class D, class T>
HWY_INLINE hn::Vec<D> load_n(D d, const T* from, size_t n) {
  HWY_ALIGN hn::TFromD<D> lanes[hn::MaxLanes(D())] = {};
  for (size_t i = 0; i < n; ++i) lanes[i] = to_compute(from[i]);
  return hn::Load(d, lanes);
}

template <class D, class T>
HWY_INLINE void store_n(D d, hn::Vec<D> x, T* to, size_t n) {
  HWY_ALIGN hn::TFromD<D> lanes[hn::MaxLanes(D())];
  hn::Store(x, d, lanes);
  for (size_t i = 0; i < n; ++i) to[i] = from_compute<T>(lanes[i]);
}

/// Lanes(d) bools as integers: -1 for true, which MaskFromVec takes, 0 for false.
template <class D>
HWY_INLINE hn::Vec<D> load_bools(D d, const bool* from) {
  const hn::Rebind<uint8_t, D> d8;
  const auto bytes = hn::LoadU(d8, reinterpret_cast<const uint8_t*>(from));
  if constexpr (sizeof(hn::TFromD<D>) == 8) {
    return hn::Neg(hn::PromoteTo(d, hn::PromoteTo(hn::Rebind<int32_t, D>(), bytes)));
  } else {
    return hn::Neg(hn::PromoteTo(d, bytes));
  }
}

/// load and load_n in one: n of 1 to Lanes(d).
template <class D, class T>
HWY_INLINE hn::Vec<D> load_up_to(D d, const T* from, int64_t n) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  return HWY_LIKELY(n == lanes) ? load(d, from) : load_n(d, from, static_cast<size_t>(n));
}

template <class D, class T>
HWY_INLINE void store_up_to(D d, hn::Vec<D> x, T* to, int64_t n) {
  if (HWY_LIKELY(n == static_cast<int64_t>(hn::Lanes(d)))) {
    store(d, x, to);
  } else {
    store_n(d, x, to, static_cast<size_t>(n));
  }
}

/// The first n of numbers that stand `stride` apart, and 0 in the other lanes; with a stride of 0
/// they are all one number.
template <class D, class C = hn::TFromD<D>>
HWY_INLINE hn::Vec<D> load_strided(D d, const C* from, int64_t stride, int64_t n) {
  if (n == static_cast<int64_t>(hn::Lanes(d))) {
    if (stride == 0) return hn::Set(d, *from);
    if (stride == 1) return hn::LoadU(d, from);
  }
  HWY_ALIGN C lanes[hn::MaxLanes(D())] = {};
  for (int64_t i = 0; i < n; ++i) lanes[i] = from[i * stride];
  return hn::Load(d, lanes);
}

/// x without the first `seen` lanes.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V without_seen(D d, V x, int64_t seen) {
  return seen == 0 ? x : hn::IfThenZeroElse(hn::FirstN(d, static_cast<size_t>(seen)), x);
}

/// int64 numbers as the halves of each, lanes of int32.
template <class D>
struct Int64Halves {
  hn::Vec<D> low;
  hn::Vec<D> high;

  HWY_INLINE Int64Halves(D d, const int64_t* from) {
    hn::LoadInterleaved2(d, reinterpret_cast<const int32_t*>(from), low, high);
  }

  HWY_INLINE hn::Mask<D> equal(D d, int64_t x) const {
    const auto is_low = hn::Eq(low, hn::Set(d, static_cast<int32_t>(x)));
    return hn::And(is_low, hn::Eq(high, hn::Set(d, static_cast<int32_t>(x >> 32))));
  }

  /// Whether each is in [0, end).
  HWY_INLINE hn::Mask<D> in_range(D d, int64_t end) const {
    const auto is_less = hn::Lt(low, hn::Set(d, static_cast<int32_t>(end)));
    return hn::And(hn::AndNot(hn::Lt(low, hn::Zero(d)), is_less), hn::Eq(high, hn::Zero(d)));
  }
};

}  // namespace assay::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
