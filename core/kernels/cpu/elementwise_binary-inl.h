// SPDX-License-Identifier: Apache-2.0
// The functions that elementwise.h lists, for probabilities and binary labels, as functors of
// elementwise_regression-inl.h.

#if defined(ASSAY_CORE_KERNELS_CPU_ELEMENTWISE_BINARY_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_CORE_KERNELS_CPU_ELEMENTWISE_BINARY_INL_H_
#undef ASSAY_CORE_KERNELS_CPU_ELEMENTWISE_BINARY_INL_H_
#else
#define ASSAY_CORE_KERNELS_CPU_ELEMENTWISE_BINARY_INL_H_
#endif

#include <assay/core/kernels/cpu/elementwise.h>
#include <assay/core/kernels/cpu/elementwise_regression-inl.h>
#include <assay/core/kernels/cpu/probability.h>
#include <assay/core/kernels/cpu/simd_math-inl.h>
#include <hwy/highway.h>

#include <cmath>

HWY_BEFORE_NAMESPACE();
namespace assay::kernels::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// p and 1 - p, which has digits of its own where p is near 1 and comes from a logit. The logarithm
/// of the latter is log1m_unit(p): near 0, p has the digits.
template <class V>
struct Chances {
  V one;
  V zero;
};

template <class D, class V>
HWY_INLINE Chances<V> chances(D d, V p) {
  return {p, hn::Sub(constant(d, 1.0), p)};
}

template <class D, class V>
HWY_INLINE Chances<V> clipped(D d, const Chances<V>& p) {
  using C = hn::TFromD<D>;
  constexpr C kLow = kLowestProbability<C>;
  constexpr C kHigh = kHighestProbability<C>;
  return {clip(d, p.one, kLow, kHigh), clip(d, p.zero, C(1) - kHigh, C(1) - kLow)};
}

/// `gradient` where the clip lets it pass, else 0.
template <class D, class V>
HWY_INLINE V through_clip(D d, const Chances<V>& p, V gradient) {
  using C = hn::TFromD<D>;
  const auto is_inside = hn::And(hn::Ge(p.one, hn::Set(d, kLowestProbability<C>)),
                                 hn::Le(p.one, hn::Set(d, kHighestProbability<C>)));
  return hn::IfThenElseZero(is_inside, gradient);
}

/// Label smoothing of binary targets: t (1 - a) + a / 2.
struct Smooth {
  explicit Smooth(const ElementwiseOptions& options) : amount(options.label_smoothing) {}
  template <class D, class V>
  HWY_INLINE V operator()(D d, V t) const {
    return hn::MulAdd(t, constant(d, 1.0 - amount), constant(d, 0.5 * amount));
  }
  double amount;
};

struct KullbackLeibler {
  explicit KullbackLeibler(const ElementwiseOptions& /*options*/) {}
  template <class D, class V>
  HWY_INLINE V clipped(D d, V x) const {
    using C = hn::TFromD<D>;
    return clip(d, x, kEpsilon<C>, C(1));
  }
  /// t log(t / p), with what the rounding of q = t / p lost: t (log(q) + (t - q p) / (q p)).
  template <class D, class V>
  HWY_INLINE void store_value(D d, V t, V p, double* to) const {
    t = clipped(d, t);
    p = clipped(d, p);
    const V q = hn::Div(t, p);
    const SplitLog<V> log = split_log(d, q);
    for_each_part(
        d,
        [&](auto wide, size_t lane, auto high, auto middle, auto low, auto q2, auto t2, auto p2)
            HWY_ATTR {
              const auto sum = hn::Add(high, hn::Add(middle, low));
              hn::Store(hn::MulAdd(t2, sum, hn::NegMulAdd(q2, p2, t2)), wide, to + lane);
            },
        log.high, log.middle, log.low, q, t, p);
  }
  template <class D, class V>
  HWY_INLINE V grad(D d, V t, V p) const {
    using C = hn::TFromD<D>;
    const auto is_inside = hn::And(hn::Ge(p, hn::Set(d, kEpsilon<C>)), hn::Le(p, constant(d, 1.0)));
    return hn::IfThenElseZero(is_inside, hn::Neg(hn::Div(clipped(d, t), p)));
  }
};

/// Labels of the hinges: 2 t - 1 for {0, 1}, else as they are.
struct SignedLabels {
  explicit SignedLabels(const ElementwiseOptions& options)
      : slope(options.binary_labels ? 2.0 : 1.0), offset(options.binary_labels ? -1.0 : 0.0) {}
  template <class D, class V>
  HWY_INLINE V operator()(D d, V t) const {
    return hn::MulAdd(t, constant(d, slope), constant(d, offset));
  }
  double slope;
  double offset;
};

struct Hinge {
  static constexpr bool kInDouble = true;
  explicit Hinge(const ElementwiseOptions& options) : labels(options) {}
  template <class D, class V>
  HWY_INLINE V value(D d, V t, V p) const {
    return at_least(hn::Zero(d), hn::NegMulAdd(labels(d, t), p, constant(d, 1.0)));
  }
  template <class D, class V>
  HWY_INLINE V grad(D d, V t, V p) const {
    t = labels(d, t);
    const V margin = hn::Sub(constant(d, 1.0), hn::Mul(t, p));
    return hn::IfThenZeroElse(hn::Le(margin, hn::Zero(d)), hn::Neg(t));
  }
  SignedLabels labels;
};

struct SquaredHinge {
  static constexpr bool kInDouble = true;
  explicit SquaredHinge(const ElementwiseOptions& options) : hinge(options) {}
  template <class D, class V>
  HWY_INLINE V value(D d, V t, V p) const {
    const V h = hinge.value(d, t, p);
    return hn::Mul(h, h);
  }
  template <class D, class V>
  HWY_INLINE V grad(D d, V t, V p) const {
    const V h = hinge.value(d, t, p);
    return hn::Mul(hn::Add(h, h), hn::Neg(hinge.labels(d, t)));
  }
  Hinge hinge;
};

/// exp(-|x|), of which the costs and slopes of logits are made without the overflow or the
/// cancellation of their usual forms.
template <class D, class V>
HWY_INLINE V decay_of(D d, V x) {
  return exp_below_overflow(d, hn::Neg(hn::Abs(x)));
}
/// sigmoid(-|x|).
template <class D, class V>
HWY_INLINE V small_sigmoid(D d, V decay) {
  return hn::Div(decay, hn::Add(decay, constant(d, 1.0)));
}

/// What a logit on the wrong side costs above the soft part: share |x|, and 0 for a share of 0 even
/// if x is infinite.
template <class D, class V>
HWY_INLINE V wrong_part(D d, V share, V x) {
  return hn::IfThenZeroElse(hn::Eq(share, hn::Zero(d)), hn::Mul(share, hn::Abs(x)));
}

struct BinaryCrossentropyFromLogits {
  explicit BinaryCrossentropyFromLogits(const ElementwiseOptions& options)
      : smooth(options), pos_weight(options.pos_weight) {}
  bool has_terms() const { return pos_weight == 1.0; }
  template <class D, class V>
  HWY_INLINE LogTerms<V> terms(D d, V t, V x) const {
    t = smooth(d, t);
    const V wrong = hn::IfThenElse(hn::Lt(x, hn::Zero(d)), t, hn::Sub(constant(d, 1.0), t));
    return {decay_of(d, x), wrong_part(d, wrong, x)};
  }
  template <class D, class V>
  HWY_INLINE void store_value(D d, V t, V x, double* to) const {
    const SplitLog<V> log = split_log1p(d, decay_of(d, x));
    for_each_part(
        d,
        [&](auto wide, size_t lane, auto high, auto middle, auto low, auto t2, auto x2) HWY_ATTR {
          const auto log2 = hn::Add(high, hn::Add(middle, low));
          hn::Store(cost_of(wide, t2, x2, log2), wide, to + lane);
        },
        log.high, log.middle, log.low, t, x);
  }
  /// The targets' whole weight times the soft part, and for a wrong sign that side's weight times
  /// |x|.
  template <class D, class V>
  HWY_INLINE V cost_of(D d, V t, V x, V soft) const {
    t = smooth(d, t);
    const V one_side = hn::Mul(t, constant(d, pos_weight));
    const V zero_side = hn::Sub(constant(d, 1.0), t);
    const V wrong = hn::IfThenElse(hn::Lt(x, hn::Zero(d)), one_side, zero_side);
    return hn::MulAdd(hn::Add(one_side, zero_side), soft, wrong_part(d, wrong, x));
  }
  template <class D, class V>
  HWY_INLINE V grad(D d, V t, V x) const {
    return slope_of(d, t, x, small_sigmoid(d, decay_of(d, x)));
  }
  template <class D, class V>
  HWY_INLINE V grad(D d, V t, V x, const LogTerms<V>& terms) const {
    return slope_of(d, t, x, small_sigmoid(d, terms.u));
  }
  template <class D, class V>
  HWY_INLINE V slope_of(D d, V t, V x, V small_sigmoid) const {
    t = smooth(d, t);
    const V one_side = hn::Mul(t, constant(d, pos_weight));
    const V zero_side = hn::Sub(constant(d, 1.0), t);
    const V soft = hn::Mul(hn::Add(one_side, zero_side), small_sigmoid);
    return hn::IfThenElse(hn::Lt(x, hn::Zero(d)), hn::Sub(soft, one_side),
                          hn::Sub(zero_side, soft));
  }
  Smooth smooth;
  double pos_weight;
};

struct BinaryCrossentropy {
  explicit BinaryCrossentropy(const ElementwiseOptions& options)
      : smooth(options), pos_weight(options.pos_weight) {}
  /// Labels of 0 and 1 cost -log of one chance each: of many, of the chances' product.
  bool has_product() const { return pos_weight == 1.0 && smooth.amount == 0.0; }
  template <class D, class V>
  HWY_INLINE V clipped_one(D d, V p) const {
    using C = hn::TFromD<D>;
    return clip(d, p, kLowestProbability<C>, kHighestProbability<C>);
  }
  template <class D, class V>
  HWY_INLINE void store_value(D d, V t, V p, double* to) const {
    const V q = clipped_one(d, p);
    const SplitLog<V> one = split_log(d, q);
    const SplitLog<V> zero = split_log1m_unit(d, q);
    for_each_part(
        d,
        [&](auto wide, size_t lane, auto t2, auto h1, auto m1, auto l1, auto h0, auto m0, auto l0)
            HWY_ATTR {
              t2 = smooth(wide, t2);
              const auto weighted = hn::Mul(t2, constant(wide, pos_weight));
              const auto one_side = hn::Mul(weighted, hn::Add(h1, hn::Add(m1, l1)));
              const auto zero_log = hn::Add(h0, hn::Add(m0, l0));
              const auto log = hn::MulAdd(hn::Sub(constant(wide, 1.0), t2), zero_log, one_side);
              hn::Store(hn::Neg(log), wide, to + lane);
            },
        t, one.high, one.middle, one.low, zero.high, zero.middle, zero.low);
  }

  /// Of a target that is smoothed already.
  template <class D, class V>
  HWY_INLINE V cost(D d, V t, const Chances<V>& p) const {
    const Chances<V> q = clipped(d, p);
    const V one_side = hn::Mul(hn::Mul(t, constant(d, pos_weight)), log_normal(d, q.one));
    return hn::Neg(hn::MulAdd(hn::Sub(constant(d, 1.0), t), log1m_unit(d, q.one), one_side));
  }
  template <class D, class V>
  HWY_INLINE V cost_slope(D d, V t, const Chances<V>& p) const {
    const Chances<V> q = clipped(d, p);
    // (1 - t) / (1 - p) - w t / p over one division.
    const V one_side = hn::Mul(hn::Mul(t, constant(d, pos_weight)), q.zero);
    const V top = hn::MulSub(hn::Sub(constant(d, 1.0), t), q.one, one_side);
    return through_clip(d, p, hn::Div(top, hn::Mul(q.one, q.zero)));
  }
  template <class D, class V>
  HWY_INLINE V grad(D d, V t, V p) const {
    return cost_slope(d, smooth(d, t), chances(d, p));
  }
  Smooth smooth;
  double pos_weight;
};

/// x^exponent for x >= 0, for any x where the exponent is a small whole number.
struct Power {
  explicit Power(double e)
      : exponent(e), whole(e >= 0.0 && e <= 8.0 && e == std::floor(e) ? static_cast<int>(e) : -1) {}
  template <class D, class V>
  HWY_INLINE V operator()(D d, V x) const {
    if (whole >= 0) {
      V result = constant(d, 1.0);
      for (int i = 0; i < whole; ++i) result = hn::Mul(result, x);
      return result;
    }
    return exp(d, hn::Mul(constant(d, exponent), log(d, x)));
  }
  double exponent;
  int whole;
};

/// The factor of focal losses: balance m^gamma, m = 1 - p_t the chance that is missed. Below 1e-18
/// its slope, which overflows there for a small gamma, counts as 0.
struct Focal {
  static constexpr double kSmallest = 1e-18;

  explicit Focal(const ElementwiseOptions& options)
      : power(options.gamma),
        power_below(options.gamma - 1.0),
        gamma(options.gamma),
        balance_slope(options.apply_class_balancing ? 2.0 * options.alpha - 1.0 : 0.0),
        balance_offset(options.apply_class_balancing ? 1.0 - options.alpha : 1.0) {}

  /// t (1 - p) + (1 - t) p, for targets that are smoothed already.
  template <class D, class V>
  HWY_INLINE V miss(D d, V t, const Chances<V>& p) const {
    return hn::MulAdd(t, p.zero, hn::Mul(hn::Sub(constant(d, 1.0), t), p.one));
  }
  /// t alpha + (1 - t) (1 - alpha), or 1.
  template <class D, class V>
  HWY_INLINE V class_balance(D d, V t) const {
    return hn::MulAdd(t, constant(d, balance_slope), constant(d, balance_offset));
  }
  template <class D, class V>
  HWY_INLINE V value(D d, V t, const Chances<V>& p, V cost) const {
    const V m = at_least(hn::Zero(d), miss(d, t, p));
    return hn::Mul(hn::Mul(class_balance(d, t), power(d, m)), cost);
  }
  /// The derivative of `value` by what p and the cost depend on; p_slope is that of p.
  template <class D, class V>
  HWY_INLINE V slope(D d, V t, const Chances<V>& p, V p_slope, V cost, V cost_slope) const {
    const V missed = miss(d, t, p);
    const V m = at_least(constant(d, kSmallest), missed);
    V result = hn::Mul(power(d, m), cost_slope);
    if (gamma != 0.0) {
      const V miss_slope = hn::Mul(p_slope, hn::NegMulAdd(constant(d, 2.0), t, constant(d, 1.0)));
      const V factor_slope = hn::Mul(hn::Mul(constant(d, gamma), power_below(d, m)), miss_slope);
      const auto is_constant = hn::Lt(missed, constant(d, kSmallest));
      result = hn::Add(result, hn::IfThenZeroElse(is_constant, hn::Mul(factor_slope, cost)));
    }
    return hn::Mul(class_balance(d, t), result);
  }
  Power power;
  Power power_below;
  double gamma;
  double balance_slope;
  double balance_offset;
};

inline ElementwiseOptions without_pos_weight(ElementwiseOptions options) {
  options.pos_weight = 1.0;
  return options;
}

/// The focal factor from p as it is, the cost from p clipped, as Keras has it.
struct BinaryFocalCrossentropy {
  explicit BinaryFocalCrossentropy(const ElementwiseOptions& options)
      : binary(without_pos_weight(options)), focal(options) {}
  template <class D, class V>
  HWY_INLINE V value(D d, V t, V p) const {
    t = binary.smooth(d, t);
    const Chances<V> both = chances(d, p);
    return focal.value(d, t, both, binary.cost(d, t, both));
  }
  template <class D, class V>
  HWY_INLINE V grad(D d, V t, V p) const {
    t = binary.smooth(d, t);
    const Chances<V> both = chances(d, p);
    return focal.slope(d, t, both, constant(d, 1.0), binary.cost(d, t, both),
                       binary.cost_slope(d, t, both));
  }
  BinaryCrossentropy binary;
  Focal focal;
};

struct BinaryFocalCrossentropyFromLogits {
  explicit BinaryFocalCrossentropyFromLogits(const ElementwiseOptions& options)
      : binary(without_pos_weight(options)), focal(options) {}
  template <class D, class V>
  HWY_INLINE Chances<V> sigmoid(D d, V x, V small) const {
    const V large = hn::Sub(constant(d, 1.0), small);
    const auto is_negative = hn::Lt(x, hn::Zero(d));
    return {hn::IfThenElse(is_negative, small, large), hn::IfThenElse(is_negative, large, small)};
  }
  template <class D, class V>
  HWY_INLINE V value(D d, V t, V x) const {
    const V decay = decay_of(d, x);
    const Chances<V> p = sigmoid(d, x, small_sigmoid(d, decay));
    const V cost = binary.cost_of(d, t, x, log1p_unit(d, decay));
    return focal.value(d, binary.smooth(d, t), p, cost);
  }
  template <class D, class V>
  HWY_INLINE V grad(D d, V t, V x) const {
    const V decay = decay_of(d, x);
    const V small = small_sigmoid(d, decay);
    const Chances<V> p = sigmoid(d, x, small);
    const V cost = binary.cost_of(d, t, x, log1p_unit(d, decay));
    return focal.slope(d, binary.smooth(d, t), p, hn::Mul(p.one, p.zero), cost,
                       binary.slope_of(d, t, x, small));
  }
  BinaryCrossentropyFromLogits binary;
  Focal focal;
};

}  // namespace assay::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
