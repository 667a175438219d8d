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

#include <type_traits>

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

}  // namespace assay::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
