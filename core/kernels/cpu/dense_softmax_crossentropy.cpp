// SPDX-License-Identifier: Apache-2.0
#include <assay/core/kernels/cpu/dense_crossentropy.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "assay/core/kernels/cpu/dense_softmax_crossentropy.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h, which includes this file once for each target.
#include <assay/core/kernels/cpu/dense_rows-inl.h>
#include <assay/core/kernels/cpu/doubles-inl.h>
#include <assay/core/kernels/cpu/simd_io-inl.h>
#include <assay/core/kernels/cpu/simd_math-inl.h>
#include <assay/core/kernels/cpu/softmax_sums-inl.h>
#include <assay/core/kernels/cpu/tile-inl.h>
#include <hwy/cache_control.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace assay::kernels::cpu::HWY_NAMESPACE {
namespace {  // other kernels have functions of the same names

namespace hn = hwy::HWY_NAMESPACE;

/// Where the forward function writes.
template <class C>
struct Outputs {
  C* value;
  C* row_max;
  C* row_sum;
  C* row_target;
};

/// What the backward function reads.
template <class C>
struct Statistics {
  const C* row_max;
  const C* row_sum;
  const C* row_target;
  const C* grad_value;
  int64_t grad_stride;
};

/// x, and 0 where t is 0: a class without target costs nothing even where its logit is infinite.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V where_target(D d, V t, V x) {
  return hn::IfThenZeroElse(hn::Eq(t, hn::Zero(d)), x);
}

/// Short rows of a matrix, or rows of a layout with inner > 1.
template <class T>
void forward_tiles(const DenseCrossentropyInput<T>& input, int64_t begin, int64_t end,
                   const Outputs<Compute<T>>& to) {
  using C = Compute<T>;
  const hn::ScalableTag<C> d;
  using V = hn::Vec<decltype(d)>;
  constexpr size_t kLanes = hn::MaxLanes(d);
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const AxisLayout layout = AxisLayout::contiguous(input.classes, input.inner);
  const Targets<T> targets(input);
  TilePair<decltype(d)> tiles;
  HWY_ALIGN double target_sums[kLanes];  // of t
  HWY_ALIGN double score_sums[kLanes];   // of t x
  HWY_ALIGN C target[kLanes];
  int64_t rows = 0;
  for (int64_t row = begin; row < end; row += rows) {
    rows = tile_rows(d, layout, row, end);
    TileSoftmax<V> softmax = {hn::Zero(d), hn::Zero(d), hn::Zero(d)};
    std::fill_n(target_sums, kLanes, 0.0);
    std::fill_n(score_sums, kLanes, 0.0);
    for (int64_t c = 0; c < input.classes; c += kTileClasses) {
      const int64_t classes = std::min(kTileClasses, input.classes - c);
      tiles.read(d, input, row, rows, c, classes);
      add_tile(d, tiles.y_pred.lanes, classes, c == 0, softmax);
      const Doubles wide;
      for (int64_t lane = 0; lane < lanes; lane += static_cast<int64_t>(hn::Lanes(wide))) {
        auto target_sum = hn::Zero(wide);
        auto score_sum = hn::Zero(wide);
        for (int64_t k = 0; k < classes; ++k) {
          const auto y_true = load_doubles(wide, tiles.y_true.lanes + k * lanes + lane);
          const auto x = load_doubles(wide, tiles.y_pred.lanes + k * lanes + lane);
          const auto t = targets.of_class(wide, y_true, c + k);
          target_sum = hn::Add(target_sum, t);
          score_sum = hn::Add(score_sum, where_target(wide, t, hn::Mul(t, x)));
        }
        target_sum = hn::Add(hn::Load(wide, target_sums + lane), target_sum);
        score_sum = hn::Add(hn::Load(wide, score_sums + lane), score_sum);
        hn::Store(target_sum, wide, target_sums + lane);
        hn::Store(score_sum, wide, score_sums + lane);
      }
    }
    const SplitLog<V> log_sum = split_log1p(d, softmax.others(d));
    const V value = in_double(
        d,
        [&](auto wide, size_t lane, auto high, auto middle, auto low, auto max) HWY_ATTR {
          const auto log = hn::Add(high, hn::Add(middle, low));
          const auto t = hn::Load(wide, target_sums + lane);
          const auto below =
              hn::MulSub(t, finite_shift(wide, max), hn::Load(wide, score_sums + lane));
          return hn::MulAdd(t, log, below);
        },
        log_sum.high, log_sum.middle, log_sum.low, softmax.max);
    store_up_to(d, value, to.value + row, rows);
    if (to.row_max != nullptr) store_up_to(d, softmax.max, to.row_max + row, rows);
    if (to.row_sum != nullptr) store_up_to(d, softmax.sum(), to.row_sum + row, rows);
    if (to.row_target != nullptr) {
      for (int64_t i = 0; i < lanes; ++i) target[i] = static_cast<C>(target_sums[i]);
      store_up_to(d, hn::Load(d, target), to.row_target + row, rows);
    }
  }
}

/// Sums of one row. Kept apart from what it leaves behind, the largest class costs the others no
/// digits: log(sum) is log(1 + others).
struct RowSums {
  double shift;         // what is subtracted before exp
  double max;           // of x
  double top;           // exp(x - shift) of one largest class
  double rest;          // of exp(x - shift) without it
  double level;         // what is subtracted from the logits that the targets weigh
  double target = 0.0;  // of w y_true
  double cost = 0.0;    // of w y_true (level - x)
  double below = 0.0;   // of w (level - x), and
  double weight = 0.0;  // of w, kept with label smoothing only

  static RowSums none(double level) {
    return {.shift = 0.0,
            .max = -std::numeric_limits<double>::infinity(),
            .top = 0.0,
            .rest = 0.0,
            .level = level};
  }

  double others() const { return rest / top; }

  HWY_INLINE void add_top(double x, double term) {
    if (!(x <= max)) max = x;
    rest += std::min(top, term);
    top = std::max(top, term);
  }

  /// Makes the sums relative to another shift and level.
  HWY_INLINE void shift_to(double to) {
    const double factor = std::exp(shift - to);
    top *= factor;
    rest *= factor;
    if (target != 0.0) cost += target * (to - level);
    if (weight != 0.0) below += weight * (to - level);
    shift = to;
    level = to;
  }
};

/// Adds a chunk of a row that is at least a vector long. kKeep: `terms` receives exp(x - shift).
template <bool kShift, bool kSmooth, bool kKeep, class T>
HWY_INLINE void add_chunk(const T* x, const T* y_true, int64_t first, int64_t last,
                          const Targets<T>& targets, RowSums& sums, T* terms) {
  using C = Compute<T>;
  const hn::ScalableTag<C> d;
  using V = hn::Vec<decltype(d)>;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const V one = hn::Set(d, C(1));
  const V shift = hn::Set(d, static_cast<C>(sums.shift));
  const V level = hn::Set(d, static_cast<C>(sums.level));
  V max = hn::Set(d, -std::numeric_limits<C>::infinity());
  // Two of each, for the time that an addition takes.
  V top[2] = {hn::Zero(d), hn::Zero(d)};
  V rest[2] = {hn::Zero(d), hn::Zero(d)};
  V target[2] = {hn::Zero(d), hn::Zero(d)};
  V cost[2] = {hn::Zero(d), hn::Zero(d)};
  V below[2] = {hn::Zero(d), hn::Zero(d)};
  V weight[2] = {hn::Zero(d), hn::Zero(d)};
  const auto add = [&](int64_t c, int64_t seen, int i) HWY_ATTR {
    hwy::Prefetch(x + c + kPrefetched);
    hwy::Prefetch(y_true + c + kPrefetched);
    const V score = load(d, x + c);
    max = hn::Max(max, score);
    V e = exp_below_overflow(d, kShift ? hn::Sub(score, shift) : score);
    if constexpr (kKeep) store(d, e, terms + c);
    e = without_seen(d, e, seen);
    // The largest so far of each lane stays out of its rest.
    rest[i] = hn::Add(rest[i], at_most(top[i], e));
    top[i] = at_least(top[i], e);
    const V above = hn::Sub(score, level);
    const V t = targets.weigh_classes(d, load(d, y_true + c), c);
    target[i] = hn::Add(target[i], without_seen(d, t, seen));
    cost[i] = hn::Sub(cost[i], without_seen(d, where_target(d, t, hn::Mul(t, above)), seen));
    if constexpr (kSmooth) {
      below[i] = hn::Sub(below[i], without_seen(d, targets.weigh_classes(d, above, c), seen));
      weight[i] = hn::Add(weight[i], without_seen(d, targets.weigh_classes(d, one, c), seen));
    }
  };
  int64_t c = first;
  for (; c + 2 * lanes <= last; c += 2 * lanes) {
    add(c, 0, 0);
    add(c + lanes, 0, 1);
  }
  for_each_vector(c, last, lanes, [&](int64_t at, int64_t seen) HWY_ATTR { add(at, seen, 0); });

  const auto add_lanes = [d](double& sum, V a, V b) HWY_ATTR {
    sum += static_cast<double>(hn::GetLane(hn::SumOfLanes(d, hn::Add(a, b))));
  };
  const V of_lanes = at_least(top[0], top[1]);
  const V largest = hn::MaxOfLanes(d, of_lanes);
  const auto lane = hn::FindFirstTrue(d, hn::Eq(of_lanes, largest));
  add_lanes(sums.rest, rest[0], rest[1]);
  add_lanes(sums.rest, at_most(top[0], top[1]), without_lane(d, of_lanes, lane));
  sums.add_top(hn::GetLane(hn::MaxOfLanes(d, max)), hn::GetLane(largest));
  add_lanes(sums.target, target[0], target[1]);
  add_lanes(sums.cost, cost[0], cost[1]);
  if constexpr (kSmooth) {
    add_lanes(sums.below, below[0], below[1]);
    add_lanes(sums.weight, weight[0], weight[1]);
  }
}

/// The sums of a row, in one pass over memory where it needs no shift. kKeep: of such rows, `terms`
/// receives exp(x).
template <bool kSmooth, bool kKeep, class T>
HWY_INLINE RowSums sum_row(const T* x, const T* y_true, int64_t classes, const Targets<T>& targets,
                           T* terms) {
  const hn::ScalableTag<Compute<T>> d;
  const int64_t chunk = kChunkVectors * static_cast<int64_t>(hn::Lanes(d));
  RowSums sums = RowSums::none(finite_shift(to_compute(x[0])));
  for (int64_t first = 0; first < classes && sums.max <= kHighestUnshifted; first += chunk) {
    const int64_t last = std::min(first + chunk, classes);
    add_chunk<false, kSmooth, kKeep>(x, y_true, first, last, targets, sums, terms);
  }
  if (needs_no_shift(sums.max)) return sums;

  sums = RowSums::none(0.0);
  for (int64_t first = 0; first < classes; first += chunk) {
    const int64_t last = std::min(first + chunk, classes);
    const double max = finite_shift(max_of_chunk(d, x, first, last));
    if (first == 0 || !(max <= sums.shift)) sums.shift_to(max);
    add_chunk<true, kSmooth, false, T>(x, y_true, first, last, targets, sums, nullptr);
  }
  return sums;
}

/// g (p scale - t), scale = row_target / row_sum; 0 where g is 0.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V gradient(D d, V x, V t, V max, V scale, V g) {
  const V p = exp_below_overflow(d, hn::Sub(x, max));
  const V result = hn::Mul(hn::MulSub(p, scale, t), g);
  return hn::IfThenZeroElse(hn::Eq(g, hn::Zero(d)), result);
}

/// Rows of a matrix shorter than a vector.
template <class T>
void backward_tiles(const DenseCrossentropyInput<T>& input, int64_t begin, int64_t end,
                    const Statistics<Compute<T>>& from, T* grad) {
  using C = Compute<T>;
  const hn::ScalableTag<C> d;
  using V = hn::Vec<decltype(d)>;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const AxisLayout layout = AxisLayout::contiguous(input.classes);
  const Targets<T> targets(input);
  TilePair<decltype(d)> tiles;
  int64_t rows = 0;
  for (int64_t row = begin; row < end; row += rows) {
    rows = tile_rows(d, layout, row, end);
    tiles.read(d, input, row, rows, 0, input.classes);
    const V max = load_up_to(d, from.row_max + row, rows);
    const V scale = hn::Div(load_up_to(d, from.row_target + row, rows),
                            load_up_to(d, from.row_sum + row, rows));
    const V g = load_strided(d, from.grad_value + row * from.grad_stride, from.grad_stride, rows);
    for (int64_t c = 0; c < input.classes; ++c) {
      C* at = tiles.y_pred.lanes + c * lanes;
      const V t = targets.of_class(d, hn::Load(d, tiles.y_true.lanes + c * lanes), c);
      hn::Store(gradient(d, hn::Load(d, at), t, max, scale, g), d, at);
    }
    write_tile(d, tiles.y_pred.lanes, input.classes, rows, grad + row * input.classes);
  }
}

/// The gradient of a row of a matrix, at least a vector long, for a g that is not 0.
template <class T, class C = Compute<T>>
HWY_INLINE void backward_row(const T* x, const T* y_true, int64_t classes,
                             const Targets<T>& targets, C row_max, C scale, C g, T* to) {
  const hn::ScalableTag<C> d;
  const auto max = hn::Set(d, row_max);
  for_each_vector(0, classes, static_cast<int64_t>(hn::Lanes(d)), [&](int64_t c, int64_t) HWY_ATTR {
    const auto t = targets.of_classes(d, load(d, y_true + c), c);
    const auto grad = gradient(d, load(d, x + c), t, max, hn::Set(d, scale), hn::Set(d, g));
    store(d, grad, to + c);
  });
}

/// Rows of a matrix, at least a vector long.
template <class T>
void backward_rows(const DenseCrossentropyInput<T>& input, int64_t begin, int64_t end,
                   const Statistics<Compute<T>>& from, T* grad) {
  using C = Compute<T>;
  const int64_t classes = input.classes;
  const Targets<T> targets(input);
  for (int64_t row = begin; row < end; ++row) {
    T* to = grad + row * classes;
    const C g = from.grad_value[row * from.grad_stride];
    if (g == C(0)) {
      std::fill(to, to + classes, T{});
    } else {
      backward_row(input.y_pred + row * classes, input.y_true + row * classes, classes, targets,
                   from.row_max[row], from.row_target[row] / from.row_sum[row], g, to);
    }
  }
}

/// The gradient of a row where its exp(x) stand: g (exp(x) scale - t).
template <class C>
HWY_INLINE void terms_to_gradient(const C* y_true, int64_t classes, const Targets<C>& targets,
                                  C scale, C g, C* to) {
  const hn::ScalableTag<C> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto write = [&](auto e, int64_t c) HWY_ATTR {
    const auto t = targets.of_classes(d, hn::LoadU(d, y_true + c), c);
    const auto grad = hn::MulSub(e, hn::Set(d, scale), t);
    hn::StoreU(hn::Mul(grad, hn::Set(d, g)), d, to + c);
  };
  const auto last = hn::LoadU(d, to + classes - lanes);  // before some of it is replaced
  int64_t c = 0;
  for (; c + lanes <= classes; c += lanes) write(hn::LoadU(d, to + c), c);
  if (c < classes) write(last, classes - lanes);
}

/// Rows of a matrix, at least a vector long. kGradient: with their gradients for an output gradient
/// of `g`, which are made of what the values were.
template <bool kSmooth, bool kGradient, class T>
void forward_rows(const DenseCrossentropyInput<T>& input, int64_t begin, int64_t end,
                  const Outputs<Compute<T>>& to, Compute<T> g, T* grad) {
  using C = Compute<T>;
  const int64_t classes = input.classes;
  const Targets<T> targets(input);
  for (int64_t row = begin; row < end; ++row) {
    const T* x = input.y_pred + row * classes;
    const T* y_true = input.y_true + row * classes;
    T* row_grad = kGradient ? grad + row * classes : nullptr;
    const RowSums sums = sum_row<kSmooth, kGradient>(x, y_true, classes, targets, row_grad);
    const double others = sums.others();
    const double target = targets.keep * sums.target + targets.spread * sums.weight;
    const double cost = targets.keep * sums.cost + targets.spread * sums.below;
    const double below_max = target * (sums.max - sums.level) + cost;
    to.value[row] = static_cast<C>(target * std::log1p(others) + below_max);
    if (to.row_max != nullptr) to.row_max[row] = static_cast<C>(sums.max);
    if (to.row_sum != nullptr) to.row_sum[row] = static_cast<C>(1.0 + others);
    if (to.row_target != nullptr) to.row_target[row] = static_cast<C>(target);
    if constexpr (kGradient) {
      if (g == C(0)) {
        std::fill(row_grad, row_grad + classes, T{});
      } else if (needs_no_shift(sums.max)) {
        const auto scale = static_cast<C>(target / (sums.top + sums.rest));
        terms_to_gradient(y_true, classes, targets, scale, g, row_grad);
      } else {
        const auto scale = static_cast<C>(target / (1.0 + others));
        backward_row(x, y_true, classes, targets, static_cast<C>(sums.max), scale, g, row_grad);
      }
    }
  }
}

/// Rows of a layout with inner > 1.
template <class T>
void backward_strips(const DenseCrossentropyInput<T>& input, int64_t begin, int64_t end,
                     const Statistics<Compute<T>>& from, T* grad) {
  using C = Compute<T>;
  const hn::ScalableTag<C> d;
  using V = hn::Vec<decltype(d)>;
  const Targets<T> targets(input);
  HWY_ALIGN C max[kDenseStripRows] = {};
  HWY_ALIGN C scale[kDenseStripRows] = {};
  HWY_ALIGN C g[kDenseStripRows] = {};
  for_each_strip(
      d, AxisLayout::contiguous(input.classes, input.inner), begin, end,
      [&](int64_t i, int64_t row) {
        max[i] = from.row_max[row];
        scale[i] = from.row_target[row] / from.row_sum[row];
        g[i] = from.grad_value[row * from.grad_stride];
      },
      [&](int64_t c, int64_t i, int64_t at, int64_t n) HWY_ATTR {
        const V t = targets.of_class(d, load_up_to(d, input.y_true + at, n), c);
        const V x = load_up_to(d, input.y_pred + at, n);
        const V result =
            gradient(d, x, t, hn::Load(d, max + i), hn::Load(d, scale + i), hn::Load(d, g + i));
        store_up_to(d, result, grad + at, n);
      });
}

template <class T>
HWY_INLINE void forward(const DenseCrossentropyInput<T>& input, int64_t begin, int64_t end,
                        const Outputs<Compute<T>>& to) {
  if (forward_takes_tiles<Compute<T>>(AxisLayout::contiguous(input.classes, input.inner))) {
    forward_tiles<T>(input, begin, end, to);
  } else {
    const auto run =
        input.label_smoothing != 0.0 ? forward_rows<true, false, T> : forward_rows<false, false, T>;
    run(input, begin, end, to, 0, nullptr);
  }
}

template <class T>
HWY_INLINE void backward(const DenseCrossentropyInput<T>& input, int64_t begin, int64_t end,
                         const Statistics<Compute<T>>& from, T* grad) {
  const AxisLayout layout = AxisLayout::contiguous(input.classes, input.inner);
  const auto run = layout.inner > 1                           ? backward_strips<T>
                   : backward_takes_tiles<Compute<T>>(layout) ? backward_tiles<T>
                                                              : backward_rows<T>;
  run(input, begin, end, from, grad);
}

/// Forward and backward. Numbers of 16 bits would round what the gradient is made of.
template <class T>
HWY_INLINE void with_gradient(const DenseCrossentropyInput<T>& input, int64_t begin, int64_t end,
                              const Outputs<Compute<T>>& to, Compute<T> g, T* grad) {
  if constexpr (std::is_same_v<T, Compute<T>>) {
    if (!forward_takes_tiles<T>(AxisLayout::contiguous(input.classes, input.inner))) {
      const auto run =
          input.label_smoothing != 0.0 ? forward_rows<true, true, T> : forward_rows<false, true, T>;
      run(input, begin, end, to, g, grad);
      return;
    }
  }
  forward(input, begin, end, to);
  backward(input, begin, end, {to.row_max, to.row_sum, to.row_target, &g, 0}, grad);
}

// Highway exports functions, not templates.
#define ASSAY_DEFINE(T, Name)                                                                   \
  void Forward##Name(const DenseCrossentropyInput<T>& input, int64_t begin, int64_t end,        \
                     Compute<T>* value, Compute<T>* row_max, Compute<T>* row_sum,               \
                     Compute<T>* row_target) {                                                  \
    forward(input, begin, end, {value, row_max, row_sum, row_target});                          \
  }                                                                                             \
  void WithGradient##Name(const DenseCrossentropyInput<T>& input, int64_t begin, int64_t end,   \
                          Compute<T>* value, Compute<T>* row_max, Compute<T>* row_sum,          \
                          Compute<T>* row_target, Compute<T> g, T* grad) {                      \
    with_gradient(input, begin, end, {value, row_max, row_sum, row_target}, g, grad);           \
  }                                                                                             \
  void Backward##Name(const DenseCrossentropyInput<T>& input, int64_t begin, int64_t end,       \
                      const Compute<T>* row_max, const Compute<T>* row_sum,                     \
                      const Compute<T>* row_target, const Compute<T>* grad_value,               \
                      int64_t grad_stride, T* grad) {                                           \
    backward(input, begin, end, {row_max, row_sum, row_target, grad_value, grad_stride}, grad); \
  }
ASSAY_FOR_EACH_SCALAR(ASSAY_DEFINE)
#undef ASSAY_DEFINE

}  // namespace
}  // namespace assay::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::kernels::cpu {

#define ASSAY_EXPORT(T, Name)                                                                    \
  HWY_EXPORT(Forward##Name);                                                                     \
  HWY_EXPORT(Backward##Name);                                                                    \
  HWY_EXPORT(WithGradient##Name);                                                                \
  template <>                                                                                    \
  void dense_softmax_crossentropy_with_gradient<T>(                                              \
      const DenseCrossentropyInput<T>& input, int64_t begin, int64_t end, Compute<T>* value,     \
      Compute<T>* row_max, Compute<T>* row_sum, Compute<T>* row_target, Compute<T> g, T* grad) { \
    HWY_DYNAMIC_DISPATCH(WithGradient##Name)                                                     \
    (input, begin, end, value, row_max, row_sum, row_target, g, grad);                           \
  }                                                                                              \
  template <>                                                                                    \
  void dense_softmax_crossentropy_forward<T>(                                                    \
      const DenseCrossentropyInput<T>& input, int64_t begin, int64_t end, Compute<T>* value,     \
      Compute<T>* row_max, Compute<T>* row_sum, Compute<T>* row_target) {                        \
    HWY_DYNAMIC_DISPATCH(Forward##Name)(input, begin, end, value, row_max, row_sum, row_target); \
  }                                                                                              \
  template <>                                                                                    \
  void dense_softmax_crossentropy_backward<T>(                                                   \
      const DenseCrossentropyInput<T>& input, int64_t begin, int64_t end,                        \
      const Compute<T>* row_max, const Compute<T>* row_sum, const Compute<T>* row_target,        \
      const Compute<T>* grad_value, int64_t grad_stride, T* grad) {                              \
    HWY_DYNAMIC_DISPATCH(Backward##Name)                                                         \
    (input, begin, end, row_max, row_sum, row_target, grad_value, grad_stride, grad);            \
  }
ASSAY_FOR_EACH_SCALAR(ASSAY_EXPORT)
#undef ASSAY_EXPORT

}  // namespace assay::kernels::cpu
#endif  // HWY_ONCE
