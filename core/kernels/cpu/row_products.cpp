// SPDX-License-Identifier: Apache-2.0
#include <assay/core/kernels/cpu/row_products.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "assay/core/kernels/cpu/row_products.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h, which includes this file once for each target.
#include <assay/core/kernels/cpu/doubles-inl.h>
#include <assay/core/kernels/cpu/scalar_conversion.h>
#include <hwy/cache_control.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace assay::kernels::cpu::HWY_NAMESPACE {
namespace {  // other kernels have functions of the same names

namespace hn = hwy::HWY_NAMESPACE;

struct VectorSums {
  hn::Vec<Doubles> t, p, tt, pp, tp;
};

template <bool kShifted, class T>
HWY_INLINE RowProducts sum_products(const T* y_true, const T* y_pred, int64_t n, double t_shift,
                                    double p_shift) {
  const Doubles d;
  using V = hn::Vec<Doubles>;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const V zero = hn::Zero(d);
  const V t0 = hn::Set(d, t_shift);
  const V p0 = hn::Set(d, p_shift);
  // Two sets, so that an addition need not wait for the one before.
  VectorSums sums[2] = {{zero, zero, zero, zero, zero}, {zero, zero, zero, zero, zero}};
  const auto add = [&](VectorSums& to, int64_t i) HWY_ATTR {
    V t = load_doubles(d, y_true + i);
    V p = load_doubles(d, y_pred + i);
    if constexpr (kShifted) {
      t = hn::Sub(t, t0);
      p = hn::Sub(p, p0);
    }
    to.t = hn::Add(to.t, t);
    to.p = hn::Add(to.p, p);
    to.tt = hn::MulAdd(t, t, to.tt);
    to.pp = hn::MulAdd(p, p, to.pp);
    to.tp = hn::MulAdd(t, p, to.tp);
  };
  int64_t i = 0;
  for (; i + 2 * lanes <= n; i += 2 * lanes) {
    hwy::Prefetch(y_true + i + kPrefetched);
    hwy::Prefetch(y_pred + i + kPrefetched);
    add(sums[0], i);
    add(sums[1], i + lanes);
  }
  for (; i + lanes <= n; i += lanes) add(sums[0], i);
  const auto total = [d](V a, V b)
                         HWY_ATTR { return hn::GetLane(hn::SumOfLanes(d, hn::Add(a, b))); };
  RowProducts result;
  if (n >= lanes) {
    result = {total(sums[0].t, sums[1].t), total(sums[0].p, sums[1].p),
              total(sums[0].tt, sums[1].tt), total(sums[0].pp, sums[1].pp),
              total(sums[0].tp, sums[1].tp)};
  }
  for (; i < n; ++i) {
    const double t = static_cast<double>(to_compute(y_true[i])) - t_shift;
    const double p = static_cast<double>(to_compute(y_pred[i])) - p_shift;
    result += {t, p, t * t, p * p, t * p};
  }
  return result;
}

/// Overlaps have gradients that are linear in the labels alone: half the reading.
template <bool kReadsPredictions, class T>
HWY_INLINE void write_gradient(const T* y_true, const T* y_pred, int64_t n,
                               const LinearGradient& gradient, T* grad) {
  const Doubles d;
  using V = hn::Vec<Doubles>;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const V scale = hn::Set(d, gradient.scale);
  const V of_true = hn::Set(d, gradient.of_true);
  const V of_pred = hn::Set(d, gradient.of_pred);
  const V constant = hn::Set(d, gradient.constant);
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    hwy::Prefetch(grad + i + kPrefetched);
    V sum = constant;
    if constexpr (kReadsPredictions) sum = hn::MulAdd(of_pred, load_doubles(d, y_pred + i), sum);
    sum = hn::MulAdd(of_true, load_doubles(d, y_true + i), sum);
    store_doubles(d, hn::Mul(scale, sum), grad + i);
  }
  for (; i < n; ++i) {
    double sum = gradient.constant;
    if constexpr (kReadsPredictions) {
      sum += gradient.of_pred * static_cast<double>(to_compute(y_pred[i]));
    }
    sum += gradient.of_true * static_cast<double>(to_compute(y_true[i]));
    grad[i] = from_compute<T>(static_cast<Compute<T>>(gradient.scale * sum));
  }
}

// Highway exports functions, not templates.
#define ASSAY_DEFINE(T, Name)                                                                      \
  RowProducts Products##Name(const T* y_true, const T* y_pred, int64_t n, double t_shift,          \
                             double p_shift) {                                                     \
    const bool shifted = t_shift != 0.0 || p_shift != 0.0;                                         \
    const auto sum = shifted ? sum_products<true, T> : sum_products<false, T>;                     \
    return sum(y_true, y_pred, n, t_shift, p_shift);                                               \
  }                                                                                                \
  void RowsProducts##Name(const T* y_true, const T* y_pred, int64_t rows, int64_t n,               \
                          RowProducts* products) {                                                 \
    for (int64_t row = 0; row < rows; ++row) {                                                     \
      products[row] = sum_products<false>(y_true + row * n, y_pred + row * n, n, 0.0, 0.0);        \
    }                                                                                              \
  }                                                                                                \
  void Gradient##Name(const T* y_true, const T* y_pred, int64_t n, const LinearGradient& gradient, \
                      T* grad) {                                                                   \
    const auto write =                                                                             \
        gradient.of_pred == 0.0 ? write_gradient<false, T> : write_gradient<true, T>;              \
    write(y_true, y_pred, n, gradient, grad);                                                      \
  }
ASSAY_FOR_EACH_SCALAR(ASSAY_DEFINE)
#undef ASSAY_DEFINE

}  // namespace
}  // namespace assay::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::kernels::cpu {

#define ASSAY_EXPORT(T, Name)                                                              \
  HWY_EXPORT(Products##Name);                                                              \
  HWY_EXPORT(RowsProducts##Name);                                                          \
  HWY_EXPORT(Gradient##Name);                                                              \
  template <>                                                                              \
  RowProducts row_products<T>(const T* y_true, const T* y_pred, int64_t n, double t_shift, \
                              double p_shift) {                                            \
    return HWY_DYNAMIC_DISPATCH(Products##Name)(y_true, y_pred, n, t_shift, p_shift);      \
  }                                                                                        \
  template <>                                                                              \
  void products_of_rows<T>(const T* y_true, const T* y_pred, int64_t rows, int64_t n,      \
                           RowProducts* products) {                                        \
    HWY_DYNAMIC_DISPATCH(RowsProducts##Name)(y_true, y_pred, rows, n, products);           \
  }                                                                                        \
  template <>                                                                              \
  void write_linear_gradient<T>(const T* y_true, const T* y_pred, int64_t n,               \
                                const LinearGradient& gradient, T* grad) {                 \
    HWY_DYNAMIC_DISPATCH(Gradient##Name)(y_true, y_pred, n, gradient, grad);               \
  }
ASSAY_FOR_EACH_SCALAR(ASSAY_EXPORT)
#undef ASSAY_EXPORT

}  // namespace assay::kernels::cpu
#endif  // HWY_ONCE
