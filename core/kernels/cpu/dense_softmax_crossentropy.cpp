// SPDX-License-Identifier: Apache-2.0
#include <assay/core/kernels/cpu/dense_crossentropy.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

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
  double max;           // of x - shift
  double rest;          // of exp(x - shift) without one largest class
  double level;         // what is subtracted from the logits that the targets weigh
  double target = 0.0;  // of w y_true
  double cost = 0.0;    // of w y_true (level - x)
  double below = 0.0;   // of w (level - x), and
  double weight = 0.0;  // of w, kept with label smoothing only

  /// Takes in a largest class, x - shift, of some more classes.
  HWY_INLINE void add_max(double x) {
    const double smaller = x <= max ? x : max;
    if (!(x <= max)) max = x;
    if (smaller != -std::numeric_limits<double>::infinity()) rest += std::exp(smaller);
  }

  /// Makes the sums relative to another shift and level.
  HWY_INLINE void shift_to(double to) {
    rest *= std::exp(shift - to);
    max += shift - to;
    if (target != 0.0) cost += target * (to - level);
    if (weight != 0.0) below += weight * (to - level);
    shift = to;
    level = to;
  }
};

/// Adds a chunk of a row that is at least a vector long.
template <bool kShift, bool kSmooth, class T>
HWY_INLINE void add_chunk(const T* x, const T* y_true, int64_t first, int64_t last,
                          const Targets<T>& targets, RowSums& sums) {
  using C = Compute<T>;
  const hn::ScalableTag<C> d;
  using V = hn::Vec<decltype(d)>;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const V one = hn::Set(d, C(1));
  const V lowest = hn::Set(d, -std::numeric_limits<C>::infinity());
  const V shift = hn::Set(d, static_cast<C>(sums.shift));
  const V level = hn::Set(d, static_cast<C>(sums.level));
  // Two of each, for the time that an addition takes.
  V max[2] = {lowest, lowest};
  V rest[2] = {hn::Zero(d), hn::Zero(d)};
  V target[2] = {hn::Zero(d), hn::Zero(d)};
  V cost[2] = {hn::Zero(d), hn::Zero(d)};
  V below[2] = {hn::Zero(d), hn::Zero(d)};
  V weight[2] = {hn::Zero(d), hn::Zero(d)};
  const auto add = [&](int64_t c, int64_t seen, int i) HWY_ATTR {
    const V score = load(d, x + c);
    V y = score;
    if constexpr (kShift) y = hn::Sub(y, shift);
    if (seen != 0) y = hn::IfThenElse(hn::FirstN(d, static_cast<size_t>(seen)), lowest, y);
    // The largest so far of each lane stays out of its rest.
    rest[i] = hn::Add(rest[i], exp_below_overflow(d, at_most(max[i], y)));
    max[i] = at_least(max[i], y);
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
  const V largest = at_least(max[0], max[1]);
  const V of_lanes = hn::MaxOfLanes(d, largest);
  const auto lane = hn::FindFirstTrue(d, hn::Eq(largest, of_lanes));
  add_lanes(sums.rest, rest[0], rest[1]);
  add_lanes(sums.rest, exp_below_overflow(d, at_most(max[0], max[1])),
            without_lane(d, exp_below_overflow(d, largest), lane));
  sums.add_max(hn::GetLane(of_lanes));
  add_lanes(sums.target, target[0], target[1]);
  add_lanes(sums.cost, cost[0], cost[1]);
  if constexpr (kSmooth) {
    add_lanes(sums.below, below[0], below[1]);
    add_lanes(sums.weight, weight[0], weight[1]);
  }
}

/// The sums of a row, in one pass over memory where it needs no shift.
template <bool kSmooth, class T>
HWY_INLINE RowSums sum_row(const T* x, const T* y_true, int64_t classes,
                           const Targets<T>& targets) {
  const hn::ScalableTag<Compute<T>> d;
  constexpr double kLowest = -std::numeric_limits<double>::infinity();
  const int64_t chunk = kChunkVectors * static_cast<int64_t>(hn::Lanes(d));
  const double some = to_compute(x[0]);
  RowSums sums = {
      .shift = 0.0, .max = kLowest, .rest = 0.0, .level = std::isfinite(some) ? some : 0.0};
  for (int64_t first = 0; first < classes && sums.max <= kHighestUnshifted; first += chunk) {
    add_chunk<false, kSmooth>(x, y_true, first, std::min(first + chunk, classes), targets, sums);
  }
  if (needs_no_shift(sums.max)) return sums;

  sums = {.shift = 0.0, .max = kLowest, .rest = 0.0, .level = 0.0};
  for (int64_t first = 0; first < classes; first += chunk) {
    const int64_t last = std::min(first + chunk, classes);
    const double max = finite_shift(max_of_chunk(d, x, first, last));
    if (first == 0 || !(max <= sums.shift)) sums.shift_to(max);
    add_chunk<true, kSmooth>(x, y_true, first, last, targets, sums);
  }
  return sums;
}

/// Rows of a matrix, at least a vector long.
template <class T>
void forward_rows(const DenseCrossentropyInput<T>& input, int64_t begin, int64_t end,
                  const Outputs<Compute<T>>& to) {
  using C = Compute<T>;
  const Targets<T> targets(input);
  const auto sum = input.label_smoothing != 0.0 ? sum_row<true, T> : sum_row<false, T>;
  for (int64_t row = begin; row < end; ++row) {
    const T* x = input.y_pred + row * input.classes;
    const RowSums sums = sum(x, input.y_true + row * input.classes, input.classes, targets);
    const double max = sums.shift + sums.max;
    const double others = sums.rest * std::exp(-sums.max);
    const double target = targets.keep * sums.target + targets.spread * sums.weight;
    const double cost = targets.keep * sums.cost + targets.spread * sums.below;
    const double below_max = target * (max - sums.level) + cost;
    to.value[row] = static_cast<C>(target * std::log1p(others) + below_max);
    if (to.row_max != nullptr) to.row_max[row] = static_cast<C>(max);
    if (to.row_sum != nullptr) to.row_sum[row] = static_cast<C>(1.0 + others);
    if (to.row_target != nullptr) to.row_target[row] = static_cast<C>(target);
  }
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

/// Rows of a matrix, at least a vector long.
template <class T>
void backward_rows(const DenseCrossentropyInput<T>& input, int64_t begin, int64_t end,
                   const Statistics<Compute<T>>& from, T* grad) {
  using C = Compute<T>;
  const hn::ScalableTag<C> d;
  using V = hn::Vec<decltype(d)>;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const Targets<T> targets(input);
  for (int64_t row = begin; row < end; ++row) {
    const T* x = input.y_pred + row * input.classes;
    const T* y_true = input.y_true + row * input.classes;
    T* to = grad + row * input.classes;
    const C g = from.grad_value[row * from.grad_stride];
    if (g == C(0)) {
      std::fill(to, to + input.classes, T{});
      continue;
    }
    const V max = hn::Set(d, from.row_max[row]);
    const V scale = hn::Set(d, from.row_target[row] / from.row_sum[row]);
    for_each_vector(0, input.classes, lanes, [&](int64_t c, int64_t) HWY_ATTR {
      const V t = targets.of_classes(d, load(d, y_true + c), c);
      store(d, gradient(d, load(d, x + c), t, max, scale, hn::Set(d, g)), to + c);
    });
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
  const AxisLayout layout = AxisLayout::contiguous(input.classes, input.inner);
  const auto run = forward_takes_tiles<Compute<T>>(layout) ? forward_tiles<T> : forward_rows<T>;
  run(input, begin, end, to);
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

// Highway exports functions, not templates.
#define ASSAY_DEFINE(T, Name)                                                                   \
  void Forward##Name(const DenseCrossentropyInput<T>& input, int64_t begin, int64_t end,        \
                     Compute<T>* value, Compute<T>* row_max, Compute<T>* row_sum,               \
                     Compute<T>* row_target) {                                                  \
    forward(input, begin, end, {value, row_max, row_sum, row_target});                          \
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
