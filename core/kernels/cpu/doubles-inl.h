// SPDX-License-Identifier: Apache-2.0
// Numbers of any type as vectors of doubles.

#if defined(ASSAY_CORE_KERNELS_CPU_DOUBLES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_CORE_KERNELS_CPU_DOUBLES_INL_H_
#undef ASSAY_CORE_KERNELS_CPU_DOUBLES_INL_H_
#else
#define ASSAY_CORE_KERNELS_CPU_DOUBLES_INL_H_
#endif

#include <assay/core/kernels/cpu/simd_io-inl.h>
#include <hwy/highway.h>

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

HWY_BEFORE_NAMESPACE();
namespace assay::kernels::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Doubles = hn::ScalableTag<double>;

/// Lanes(d) numbers as doubles.
template <class T>
HWY_INLINE hn::Vec<Doubles> load_doubles(Doubles d, const T* from) {
  if constexpr (std::is_same_v<T, double>) {
    return hn::LoadU(d, from);
  } else {
    return hn::PromoteTo(d, load(hn::Rebind<float, Doubles>(), from));
  }
}

/// The first n numbers as doubles, and 0 in the other lanes.
template <class T>
HWY_INLINE hn::Vec<Doubles> load_doubles_n(Doubles d, const T* from, size_t n) {
  if constexpr (std::is_same_v<T, double>) {
    return load_n(d, from, n);
  } else {
    return hn::PromoteTo(d, load_n(hn::Rebind<float, Doubles>(), from, n));
  }
}

/// Doubles rounded to T: to the nearest, for 16-bit types by way of float.
template <class T>
HWY_INLINE void store_doubles(Doubles d, hn::Vec<Doubles> x, T* to) {
  if constexpr (std::is_same_v<T, double>) {
    hn::StoreU(x, d, to);
  } else {
    const hn::Rebind<float, Doubles> d_float;
    store(d_float, hn::DemoteTo(d_float, x), to);
  }
}

#if HWY_TARGET == HWY_SCALAR || HWY_HAVE_SCALABLE
namespace detail {

template <class D, class Function, size_t... I, class... V>
HWY_INLINE void for_each_stored_part(D d, const Function& function, std::index_sequence<I...>,
                                     V... x) {
  const Doubles wide;
  HWY_ALIGN hn::TFromD<D> from[sizeof...(V)][hn::MaxLanes(D())];
  (hn::Store(x, d, from[I]), ...);
  for (size_t lane = 0; lane < hn::Lanes(d); lane += hn::Lanes(wide)) {
    function(wide, lane, load_doubles(wide, from[I] + lane)...);
  }
}

}  // namespace detail
#endif

/// function(doubles, lane, x...) of as many lanes of the vectors x as a vector of doubles has, from
/// `lane` on, until all had their turn.
template <class D, class Function, class... V>
HWY_INLINE void for_each_part(D d, const Function& function, V... x) {
  const Doubles wide;
  if constexpr (sizeof(hn::TFromD<D>) == sizeof(double)) {
    function(wide, size_t{0}, x...);
  } else {
#if HWY_TARGET != HWY_SCALAR && !HWY_HAVE_SCALABLE
    const hn::Half<D> half;
    function(wide, size_t{0}, hn::PromoteTo(wide, hn::LowerHalf(half, x))...);
    function(wide, hn::Lanes(wide), hn::PromoteTo(wide, hn::UpperHalf(half, x))...);
#else
    detail::for_each_stored_part(d, function, std::index_sequence_for<V...>(), x...);
#endif
  }
}

/// function(doubles, lane, x...) of vectors of floats or doubles, rounded once to their type.
template <class D, class Function, class... V>
HWY_INLINE hn::Vec<D> in_double(D d, const Function& function, V... x) {
  using C = hn::TFromD<D>;
  constexpr size_t kLanes = hn::MaxLanes(D());
  HWY_ALIGN double results[kLanes];
  HWY_ALIGN C rounded[kLanes];
  for_each_part(
      d,
      [&](auto wide, size_t lane, auto... part)
          HWY_ATTR { hn::Store(function(wide, lane, part...), wide, results + lane); },
      x...);
  // Not hn::DemoteTo, which makes infinity the largest number on some targets.
  for (size_t lane = 0; lane < hn::Lanes(d); ++lane) rounded[lane] = static_cast<C>(results[lane]);
  return hn::Load(d, rounded);
}

/// a - q b of the quotient q = a / b, exact for floats.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V remainder(D d, V a, V b, V q) {
#if HWY_NATIVE_FMA
  (void)d;
  return hn::NegMulAdd(q, b, a);
#else
  return in_double(
      d,
      [](auto /*wide*/, size_t /*lane*/, auto wide_a, auto wide_b, auto wide_q)
          HWY_ATTR { return hn::NegMulAdd(wide_q, wide_b, wide_a); },
      a, b, q);
#endif
}

/// sums[row] += the sum of term(doubles, x, class) over a tile's classes.
template <class D, class Term>
HWY_INLINE void add_in_double(D d, const hn::TFromD<D>* tile, int64_t classes, double* sums,
                              const Term& term) {
  const Doubles wide;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t lane = 0; lane < lanes; lane += static_cast<int64_t>(hn::Lanes(wide))) {
    auto sum = hn::Zero(wide);
    for (int64_t k = 0; k < classes; ++k) {
      sum = hn::Add(sum, term(wide, load_doubles(wide, tile + k * lanes + lane), k));
    }
    hn::Store(hn::Add(hn::Load(wide, sums + lane), sum), wide, sums + lane);
  }
}

}  // namespace assay::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
