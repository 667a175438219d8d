// SPDX-License-Identifier: Apache-2.0
// The functions that elementwise.h lists, for regression. Each functor has grad(d, t, p), the
// derivative by p, and value(d, t, p), in vectors of the type computed in. To lose no digits before
// the one rounding of the mean, a value is
// - computed in doubles, where value() takes them and the functor says kInDouble;
// - or as store_value(d, t, p, to) writes it, in doubles;
// - or, in a row's sum, log(1 + u) + rest as terms(d, t, p) has them, where has_terms() says so: a
//   row then takes one logarithm, of the product of all 1 + u. grad(d, t, p, terms) is made of
//   them.

#if defined(ASSAY_CORE_KERNELS_CPU_ELEMENTWISE_REGRESSION_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_CORE_KERNELS_CPU_ELEMENTWISE_REGRESSION_INL_H_
#undef ASSAY_CORE_KERNELS_CPU_ELEMENTWISE_REGRESSION_INL_H_
#else
#define ASSAY_CORE_KERNELS_CPU_ELEMENTWISE_REGRESSION_INL_H_
#endif

#include <assay/core/kernels/cpu/doubles-inl.h>
#include <assay/core/kernels/cpu/elementwise.h>
#include <assay/core/kernels/cpu/probability.h>
#include <assay/core/kernels/cpu/simd_math-inl.h>
#include <hwy/highway.h>

#include <cstddef>

HWY_BEFORE_NAMESPACE();
namespace assay::kernels::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

template <class D>
HWY_INLINE hn::Vec<D> constant(D d, double x) {
  return hn::Set(d, static_cast<hn::TFromD<D>>(x));
}

/// -1, 0 or 1; NaN stays NaN.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V sign(D d, V x) {
  const V negative = hn::IfThenElse(hn::Lt(x, hn::Zero(d)), constant(d, -1.0), x);
  return hn::IfThenElse(hn::Gt(x, hn::Zero(d)), constant(d, 1.0), negative);
}

/// log(1 + u) + rest, 0 <= u <= 1.
template <class V>
struct LogTerms {
  V u;
  V rest;
};

template <class D, class V>
HWY_INLINE void store_sum(D d, const SplitLog<V>& log, V rest, double* to) {
  for_each_part(
      d,
      [&](auto wide, size_t lane, auto high, auto middle, auto low, auto x)
          HWY_ATTR { hn::Store(hn::Add(high, hn::Add(middle, hn::Add(low, x))), wide, to + lane); },
      log.high, log.middle, log.low, rest);
}

struct SquaredError {
  static constexpr bool kInDouble = true;
  explicit SquaredError(const ElementwiseOptions& /*options*/) {}
  template <class D, class V>
  HWY_INLINE V value(D /*d*/, V t, V p) const {
    const V error = hn::Sub(p, t);
    return hn::Mul(error, error);
  }
  template <class D, class V>
  HWY_INLINE V grad(D /*d*/, V t, V p) const {
    const V error = hn::Sub(p, t);
    return hn::Add(error, error);
  }
};

struct AbsoluteError {
  static constexpr bool kInDouble = true;
  explicit AbsoluteError(const ElementwiseOptions& /*options*/) {}
  template <class D, class V>
  HWY_INLINE V value(D /*d*/, V t, V p) const {
    return hn::Abs(hn::Sub(p, t));
  }
  template <class D, class V>
  HWY_INLINE V grad(D d, V t, V p) const {
    return sign(d, hn::Sub(p, t));
  }
};

struct AbsolutePercentageError {
  static constexpr bool kInDouble = true;
  explicit AbsolutePercentageError(const ElementwiseOptions& /*options*/) {}
  template <class D, class V>
  HWY_INLINE V percent(D d, V t, V x) const {
    const V share = hn::Div(x, at_least(constant(d, kEpsilon<double>), hn::Abs(t)));
    return hn::Mul(share, constant(d, 100.0));
  }
  template <class D, class V>
  HWY_INLINE V value(D d, V t, V p) const {
    return percent(d, t, hn::Abs(hn::Sub(p, t)));
  }
  template <class D, class V>
  HWY_INLINE V grad(D d, V t, V p) const {
    return percent(d, t, sign(d, hn::Sub(p, t)));
  }
};

/// What the rounding of a + b lost.
template <class V>
HWY_INLINE V lost_by_adding(V a, V b, V sum) {
  const V b_in_sum = hn::Sub(sum, a);
  return hn::Add(hn::Sub(a, hn::Sub(sum, b_in_sum)), hn::Sub(b, b_in_sum));
}

/// log(1 + p) - log(1 + t), which has no digits where p is near t, as one logarithm: up to a ratio
/// of sqrt(2) of log(1 + q) with q = (p - t) / (1 + t), beyond of q = (1 + p) / (1 + t).
struct SquaredLogarithmicError {
  explicit SquaredLogarithmicError(const ElementwiseOptions& /*options*/) {}
  template <class D, class V>
  HWY_INLINE V error(D d, V t, V p) const {
    const V low = constant(d, kEpsilon<double>);
    const V one = constant(d, 1.0);
    p = at_least(low, p);
    t = at_least(low, t);
    const V above = hn::Add(p, one);
    const V below = hn::Add(t, one);
    const V difference = hn::Sub(p, t);
    const auto is_near = hn::And(hn::Gt(difference, hn::Mul(below, constant(d, -0.2928))),
                                 hn::Lt(difference, hn::Mul(below, constant(d, 0.4142))));
    const V top = hn::IfThenElse(is_near, difference, above);
    const V q = hn::Div(top, below);
    // What the roundings up to q lost, as a part of the logarithm.
    V lost = hn::IfThenElse(is_near, lost_by_adding(p, hn::Neg(t), difference),
                            lost_by_adding(p, one, above));
    lost = hn::Add(lost, hn::NegMulAdd(q, below, top));
    lost = hn::Div(hn::NegMulAdd(q, lost_by_adding(t, one, below), lost), above);
    lost = hn::IfThenElse(hn::Eq(lost, lost), lost, hn::Zero(d));  // of infinities
    const V result = hn::IfThenElse(is_near, detail::log_reduced(d, q, hn::Zero(d)), log(d, q));
    return hn::Add(result, lost);
  }
  template <class D, class V>
  HWY_INLINE V value(D d, V t, V p) const {
    const V e = error(d, t, p);
    return hn::Mul(e, e);
  }
  template <class D, class V>
  HWY_INLINE V grad(D d, V t, V p) const {
    const V e = error(d, t, p);
    const V slope = hn::Div(hn::Add(e, e), hn::Add(p, constant(d, 1.0)));
    return hn::IfThenZeroElse(hn::Lt(p, constant(d, kEpsilon<double>)), slope);
  }
};

struct Huber {
  static constexpr bool kInDouble = true;
  explicit Huber(const ElementwiseOptions& options) : delta(options.delta) {}
  template <class D, class V>
  HWY_INLINE V value(D d, V t, V p) const {
    // With m = min(|e|, delta): m (|e| - m / 2) is both branches at once.
    const V size = hn::Abs(hn::Sub(p, t));
    const V m = at_most(constant(d, delta), size);
    return hn::Mul(m, hn::NegMulAdd(m, constant(d, 0.5), size));
  }
  template <class D, class V>
  HWY_INLINE V grad(D d, V t, V p) const {
    return at_most(constant(d, delta), at_least(constant(d, -delta), hn::Sub(p, t)));
  }
  double delta;
};

/// log(cosh(e)) = |e| + log(1 + exp(-2 |e|)) - log(2), which loses every digit where e is small:
/// up to |e| = 1 it is log(1 + 2 sinh(e/2)^2).
struct LogCosh {
  explicit LogCosh(const ElementwiseOptions& /*options*/) {}

  /// sinh(e / 2) for |e| <= 1, by its series.
  template <class D, class V>
  HWY_INLINE V half_sinh(D d, V e) const {
    const V x = hn::Mul(e, constant(d, 0.5));
    const V x2 = hn::Mul(x, x);
    V series = constant(d, 1.0 / 362880);
    if constexpr (sizeof(hn::TFromD<D>) == 8) {
      series = constant(d, 1.0 / 1307674368000);
      series = hn::MulAdd(series, x2, constant(d, 1.0 / 6227020800));
      series = hn::MulAdd(series, x2, constant(d, 1.0 / 39916800));
      series = hn::MulAdd(series, x2, constant(d, 1.0 / 362880));
    }
    series = hn::MulAdd(series, x2, constant(d, 1.0 / 5040));
    series = hn::MulAdd(series, x2, constant(d, 1.0 / 120));
    series = hn::MulAdd(series, x2, constant(d, 1.0 / 6));
    return hn::MulAdd(hn::Mul(series, x2), x, x);
  }
  template <class V>
  struct Terms : LogTerms<V> {
    V half_sinh;
  };
  bool has_terms() const { return true; }
  template <class D, class V>
  HWY_INLINE Terms<V> terms(D d, V t, V p) const {
    const V size = hn::Abs(hn::Sub(p, t));
    const auto is_small = hn::Le(size, constant(d, 1.0));
    const V s = half_sinh(d, size);
    const V decay = exp_below_overflow(d, hn::Mul(size, constant(d, -2.0)));
    const V rest = hn::Sub(size, constant(d, 0.69314718055994530942));
    return {{hn::IfThenElse(is_small, hn::Mul(hn::Add(s, s), s), decay),
             hn::IfThenZeroElse(is_small, rest)},
            s};
  }
  template <class D, class V>
  HWY_INLINE void store_value(D d, V t, V p, double* to) const {
    const LogTerms<V> both = terms(d, t, p);
    store_sum(d, split_log1p(d, both.u), both.rest, to);
  }
  template <class D, class V>
  HWY_INLINE V grad(D d, V t, V p) const {
    return grad(d, t, p, terms(d, t, p));
  }
  /// tanh, likewise: sinh(e) / cosh(e) from s = sinh(e/2), or from exp(-2 |e|).
  template <class D, class V>
  HWY_INLINE V grad(D d, V t, V p, const Terms<V>& terms) const {
    const V e = hn::Sub(p, t);
    const V one = constant(d, 1.0);
    const V s = terms.half_sinh;
    const V sinh = hn::Mul(hn::Add(s, s), hn::Sqrt(hn::MulAdd(s, s, one)));
    const auto is_small = hn::Le(hn::Abs(e), one);
    const V top = hn::IfThenElse(is_small, sinh, hn::Sub(one, terms.u));
    return hn::CopySign(hn::Div(top, hn::Add(one, terms.u)), e);
  }
};

struct Quantile {
  static constexpr bool kInDouble = true;
  explicit Quantile(const ElementwiseOptions& options) : quantile(options.quantile) {}
  template <class D, class V>
  HWY_INLINE V value(D d, V t, V p) const {
    const V error = hn::Sub(t, p);
    const auto is_over = hn::Lt(error, hn::Zero(d));
    return hn::Mul(error,
                   hn::IfThenElse(is_over, constant(d, quantile - 1.0), constant(d, quantile)));
  }
  template <class D, class V>
  HWY_INLINE V grad(D d, V t, V p) const {
    const V side = sign(d, hn::Sub(p, t));
    const auto is_over = hn::Gt(side, hn::Zero(d));
    return hn::Mul(side,
                   hn::IfThenElse(is_over, constant(d, 1.0 - quantile), constant(d, quantile)));
  }
  double quantile;
};

struct Poisson {
  static constexpr bool kInDouble = true;
  explicit Poisson(const ElementwiseOptions& /*options*/) {}
  template <class D, class V>
  HWY_INLINE V value(D d, V t, V p) const {
    return hn::NegMulAdd(t, log(d, hn::Add(p, constant(d, kEpsilon<double>))), p);
  }
  template <class D, class V>
  HWY_INLINE V grad(D d, V t, V p) const {
    return hn::Sub(constant(d, 1.0), hn::Div(t, hn::Add(p, constant(d, kEpsilon<double>))));
  }
};

}  // namespace assay::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
