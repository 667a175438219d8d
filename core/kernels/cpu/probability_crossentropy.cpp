// SPDX-License-Identifier: Apache-2.0
#include <assay/core/kernels/cpu/probability.h>
#include <assay/core/kernels/cpu/sparse_crossentropy.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "assay/core/kernels/cpu/probability_crossentropy.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h, which includes this file once for each target.
#include <assay/core/kernels/cpu/doubles-inl.h>
#include <assay/core/kernels/cpu/row_lanes-inl.h>
#include <assay/core/kernels/cpu/simd_io-inl.h>
#include <assay/core/kernels/cpu/simd_math-inl.h>
#include <assay/core/kernels/cpu/sparse_rows-inl.h>
#include <assay/core/kernels/cpu/tile-inl.h>
#include <hwy/cache_control.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace assay::kernels::cpu::HWY_NAMESPACE {
namespace {  // other kernels have functions of the same names

namespace hn = hwy::HWY_NAMESPACE;

/// Vectors of classes whose sum is kept in the type computed in, before it goes to a double.
constexpr int64_t kChunkVectors = 128;

template <class D, class V = hn::Vec<D>>
HWY_INLINE V clip_probability(D d, V p) {
  using C = hn::TFromD<D>;
  return clip(d, p, kLowestProbability<C>, kHighestProbability<C>);
}

template <class C>
HWY_INLINE C clip_probability(C p) {
  // Written so that NaN stays NaN.
  if (p < kLowestProbability<C>) return kLowestProbability<C>;
  return p > kHighestProbability<C> ? kHighestProbability<C> : p;
}

/// Where the gradient passes the clip; not where p is NaN.
template <class D, class V = hn::Vec<D>>
HWY_INLINE hn::Mask<D> is_inside(D d, V p) {
  using C = hn::TFromD<D>;
  return hn::And(hn::Ge(p, hn::Set(d, kLowestProbability<C>)),
                 hn::Le(p, hn::Set(d, kHighestProbability<C>)));
}

/// A sum of numbers in (0, 1) as two: what the first loses by rounding is in the second.
template <class D>
class UnitSum {
 public:
  using V = hn::Vec<D>;

  explicit HWY_INLINE UnitSum(D d) : high_(hn::Set(d, hn::TFromD<D>(1))), low_(hn::Zero(d)) {}

  /// What is lost is exact, as x is below 1 and so below `high_`.
  HWY_INLINE void add(V x) {
    const V sum = hn::Add(high_, x);
    low_ = hn::Add(low_, hn::Sub(x, hn::Sub(sum, high_)));
    high_ = sum;
  }

  /// The sum, and what that lost.
  HWY_INLINE std::pair<V, V> result(D d) const {
    const V high = hn::Sub(high_, hn::Set(d, hn::TFromD<D>(1)));
    const V sum = hn::Add(high, low_);
    return {sum, hn::Sub(low_, hn::Sub(sum, high))};
  }

 private:
  V high_;
  V low_;
};

/// Gradients of a matrix whose rows are shorter than a vector.
template <class T>
class ShortRowGradient {
 public:
  using C = Compute<T>;
  using D = hn::ScalableTag<C>;
  using V = hn::Vec<D>;

  ShortRowGradient(const SparseCrossentropyInput<T>& input, const Shares<C>& shares)
      : input_(input), shares_(shares), rows_(input.layout.classes) {
    if (input.label_smoothing == 0.0) return;
    const int64_t classes = input.layout.classes;
    for (int64_t i = 0; i < kLanes * classes; ++i) {
      class_weight_[i] = weight_of(input, i % classes);
    }
  }

  /// Of `rows` rows from `row` on: `from` is the first one's first class, `own` what the clip makes
  /// of the labels' probabilities.
  HWY_INLINE void write(const T* from, int64_t row, int64_t rows, const LabelLanes<D>& labels,
                        V own, V sum, V g, T* grad) const {
    const D d;
    const int64_t classes = input_.layout.classes;
    g = hn::IfThenZeroElse(labels.ignored(d), g);
    V at_label =
        hn::Mul(hn::Mul(g, hn::Load(d, labels.weight)), hn::Set(d, static_cast<C>(shares_.keep)));
    const V spread = hn::Mul(g, hn::Set(d, static_cast<C>(shares_.spread)));
    // g times the sum of the row's targets.
    const V total =
        hn::MulAdd(g, hn::Set(d, static_cast<C>(shares_.spread * shares_.weights)), at_label);
    const auto dropped = hn::Eq(total, hn::Zero(d));
    const V everywhere = hn::IfThenZeroElse(dropped, hn::Div(total, sum));
    at_label = hn::IfThenZeroElse(dropped, hn::Div(at_label, own));
    const bool smooth = input_.label_smoothing != 0.0;
    const DIndex di;
    const auto first_of_row = hn::Mul(hn::Iota(di, 0), hn::Set(di, static_cast<Index>(classes)));
    const auto label = hn::Add(first_of_row, hn::Load(di, labels.label));

    HWY_ALIGN T packed[kLanes * kLanes];
    if (input_.layout.outer_stride != classes) {
      for (int64_t i = 0; i < rows; ++i) {
        std::copy_n(from + i * input_.layout.outer_stride, classes, packed + i * classes);
      }
      from = packed;
    }
    T* to = grad + row * classes;
    const auto lanes = static_cast<int64_t>(hn::Lanes(d));
    const auto step = hn::Set(di, static_cast<Index>(lanes));
    auto place = hn::Iota(di, 0);
    for (int64_t at = 0; at < rows * classes; at += lanes, place = hn::Add(place, step)) {
      const int64_t n = std::min(lanes, rows * classes - at);
      const V p = load_up_to(d, from + at, n);
      const auto is_label = hn::Eq(rows_.spread(di, label, at), place);
      const V own_target = rows_.spread(d, at_label, at);
      V result = hn::Sub(rows_.spread(d, everywhere, at),
                         hn::IfThenElseZero(hn::RebindMask(d, is_label), own_target));
      if (smooth) {
        const V share = hn::Mul(rows_.spread(d, spread, at), hn::Load(d, class_weight_ + at));
        result = hn::Sub(result, hn::Div(share, p));
      }
      store_up_to(d, hn::IfThenElseZero(is_inside(d, p), result), to + at, n);
    }
  }

 private:
  using DIndex = hn::RebindToSigned<D>;
  using Index = hn::TFromD<DIndex>;
  static constexpr auto kLanes = static_cast<int64_t>(hn::MaxLanes(D()));

  const SparseCrossentropyInput<T>& input_;
  const Shares<C>& shares_;
  RowLanes<D> rows_;
  HWY_ALIGN C class_weight_[kLanes * kLanes];  // with label smoothing only
};

/// Short rows of a matrix, or rows of a layout with inner > 1. `write_gradient` is called for each
/// tile.
template <bool kSmooth, class T, class WriteGradient>
HWY_INLINE int64_t forward_tiles(const SparseCrossentropyInput<T>& input,
                                 const Shares<Compute<T>>& shares, int64_t begin, int64_t end,
                                 Compute<T>* value, Compute<T>* row_sum,
                                 const WriteGradient& write_gradient) {
  using C = Compute<T>;
  using D = hn::ScalableTag<C>;
  using V = hn::Vec<D>;
  const D d;
  const AxisLayout& layout = input.layout;
  LabelLanes<D> labels;
  int64_t rows = 0;
  for (int64_t row = begin; row < end; row += rows) {
    rows = tile_rows(d, layout, row, end);
    const T* from = input.y_pred + layout.offset(row);
    const int64_t bad = labels.read(input, from, row, rows);
    if (bad >= 0) return bad;
    UnitSum<D> unit_sum(d);
    V log_sum = hn::Zero(d);
    V few_logs = hn::Zero(d);
    for_each_class(d, from, layout, layout.classes, rows, [&](V x, int64_t c) HWY_ATTR {
      const V p = clip_probability(d, x);
      unit_sum.add(p);
      if constexpr (kSmooth) {
        if (c % kTileClasses == 0) {  // the fewer are added one by one, the less rounding loses
          log_sum = hn::Add(log_sum, few_logs);
          few_logs = hn::Zero(d);
        }
        few_logs = hn::Add(few_logs, shares.weigh_class(d, log_normal(d, p), c));
      }
    });
    log_sum = hn::Add(log_sum, few_logs);
    auto [sum, rest] = unit_sum.result(d);
    const V own = clip_probability(d, hn::Load(d, labels.score));
    const V ratio = hn::Div(sum, own);
    const SplitLog<V> log = split_log(d, ratio);
    // A certain label keeps what the ratio's rounding lost: it is in tf.keras's digits.
    const auto is_certain = hn::Eq(own, hn::Set(d, kHighestProbability<C>));
    const V regain = hn::IfThenZeroElse(is_certain, hn::Div(hn::Set(d, C(1)), sum));
    const V lost = hn::Add(remainder(d, sum, own, ratio), rest);
    // The logarithm as two numbers.
    const V head = hn::Add(log.high, log.middle);
    const V tail =
        hn::Add(hn::Sub(log.middle, hn::Sub(head, log.high)), hn::MulAdd(lost, regain, log.low));
    V loss = hn::Add(head, tail);
    if (kSmooth || input.class_weight != nullptr) {
      loss = in_double(
          d,
          [&](auto wide, size_t /*lane*/, auto a, auto b, auto w, auto logs, auto log_of_sum)
              HWY_ATTR {
                const auto result = hn::Mul(hn::Add(a, b), w);
                if constexpr (kSmooth) {
                  const auto even = hn::MulSub(log_of_sum, hn::Set(wide, shares.weights), logs);
                  return hn::MulAdd(result, hn::Set(wide, shares.keep),
                                    hn::Mul(even, hn::Set(wide, shares.spread)));
                } else {
                  return result;
                }
              },
          head, tail, hn::Load(d, labels.weight), log_sum, kSmooth ? log_normal(d, sum) : log_sum);
    }
    if (input.has_ignore_class) {
      const auto ignored = labels.ignored(d);
      loss = hn::IfThenZeroElse(ignored, loss);
      sum = hn::IfThenZeroElse(ignored, sum);
    }
    store_up_to(d, loss, value + row, rows);
    if (row_sum != nullptr) store_up_to(d, sum, row_sum + row, rows);
    write_gradient(from, row, rows, labels, own, sum);
  }
  return -1;
}

/// Rows of a matrix shorter than a vector.
template <class T>
void backward_tiles(const SparseCrossentropyInput<T>& input, int64_t begin, int64_t end,
                    const Compute<T>* row_sum, const Compute<T>* grad_value, int64_t grad_stride,
                    T* grad) {
  using D = hn::ScalableTag<Compute<T>>;
  const D d;
  const Shares<Compute<T>> shares(input);
  const ShortRowGradient<T> gradient(input, shares);
  LabelLanes<D> labels;
  int64_t rows = 0;
  for (int64_t row = begin; row < end; row += rows) {
    rows = tile_rows(d, input.layout, row, end);
    const T* from = input.y_pred + input.layout.offset(row);
    labels.read(input, from, row, rows);
    gradient.write(from, row, rows, labels, clip_probability(d, hn::Load(d, labels.score)),
                   load_up_to(d, row_sum + row, rows),
                   load_strided(d, grad_value + row * grad_stride, grad_stride, rows), grad);
  }
}

struct RowSums {
  double sum;      // of the clipped probabilities
  double log_sum;  // of their weighted logarithms, kept with label smoothing only
};

/// The sums of one contiguous row, at least a vector long.
template <bool kSmooth, class T>
HWY_INLINE RowSums sum_row(const T* p, int64_t classes, const Shares<Compute<T>>& shares) {
  using C = Compute<T>;
  const hn::ScalableTag<C> d;
  using V = hn::Vec<decltype(d)>;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  RowSums total = {0.0, 0.0};
  const int64_t chunk = kChunkVectors * lanes;
  for (int64_t first = 0; first < classes; first += chunk) {
    const int64_t last = std::min(first + chunk, classes);
    V sum0 = hn::Zero(d);
    V sum1 = hn::Zero(d);
    V log_sum = hn::Zero(d);
    const auto term = [&](int64_t at) HWY_ATTR {
      hwy::Prefetch(p + at + kPrefetched);
      const V q = clip_probability(d, load(d, p + at));
      if constexpr (kSmooth) {
        log_sum = hn::Add(log_sum, shares.weigh_classes(d, log_normal(d, q), at));
      }
      return q;
    };
    int64_t c = first;
    for (; c + 2 * lanes <= last; c += 2 * lanes) {
      sum0 = hn::Add(sum0, term(c));
      sum1 = hn::Add(sum1, term(c + lanes));
    }
    for (; c + lanes <= last; c += lanes) sum0 = hn::Add(sum0, term(c));
    if (c < last) {
      // Reaches back; what was counted before is masked.
      const auto counted = hn::FirstN(d, static_cast<size_t>(lanes - (last - c)));
      const V q = clip_probability(d, load(d, p + last - lanes));
      sum1 = hn::Add(sum1, hn::IfThenZeroElse(counted, q));
      if constexpr (kSmooth) {
        const V weighted = shares.weigh_classes(d, log_normal(d, q), last - lanes);
        log_sum = hn::Add(log_sum, hn::IfThenZeroElse(counted, weighted));
      }
    }
    total.sum += hn::GetLane(hn::SumOfLanes(d, hn::Add(sum0, sum1)));
    if constexpr (kSmooth) total.log_sum += hn::GetLane(hn::SumOfLanes(d, log_sum));
  }
  return total;
}

/// Rows of a matrix, at least a vector long.
template <bool kSmooth, class T>
int64_t forward_rows(const SparseCrossentropyInput<T>& input, int64_t begin, int64_t end,
                     Compute<T>* value, Compute<T>* row_sum) {
  using C = Compute<T>;
  const Shares<C> shares(input);
  for (int64_t row = begin; row < end; ++row) {
    const int64_t label = input.labels[row];
    double loss = 0;
    C sum = 0;
    if (!is_ignored(input, label)) {
      if (!in_range(input, label)) return row;
      const T* p = input.y_pred + row * input.layout.outer_stride;
      const RowSums sums = sum_row<kSmooth>(p, input.layout.classes, shares);
      sum = static_cast<C>(sums.sum);
      const C own = clip_probability(to_compute(p[label]));
      // A certain label's in the type computed in: that rounding is in tf.keras's digits.
      const double log = own == kHighestProbability<C>
                             ? static_cast<double>(std::log(sum / own))
                             : std::log(sums.sum / static_cast<double>(own));
      loss = log * static_cast<double>(weight_of(input, label)) * shares.keep;
      if constexpr (kSmooth) {
        loss += shares.spread * (shares.weights * std::log(sums.sum) - sums.log_sum);
      }
    }
    value[row] = static_cast<C>(loss);
    if (row_sum != nullptr) row_sum[row] = sum;
  }
  return -1;
}

/// Rows of a matrix, at least a vector long.
template <class T>
void backward_rows(const SparseCrossentropyInput<T>& input, int64_t begin, int64_t end,
                   const Compute<T>* row_sum, const Compute<T>* grad_value, int64_t grad_stride,
                   T* grad) {
  using C = Compute<T>;
  const hn::ScalableTag<C> d;
  using V = hn::Vec<decltype(d)>;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const int64_t classes = input.layout.classes;
  const Shares<C> shares(input);
  const bool smooth = input.label_smoothing != 0.0;
  for (int64_t row = begin; row < end; ++row) {
    const int64_t label = input.labels[row];
    T* to = grad + row * classes;
    const auto targets = scaled_targets(input, shares, label, grad_value[row * grad_stride]);
    if (targets.total == C(0)) {
      std::fill(to, to + classes, T{});
      continue;
    }
    const T* p = input.y_pred + row * input.layout.outer_stride;
    const C everywhere = targets.total / row_sum[row];
    const V v_everywhere = hn::Set(d, everywhere);
    const V spread = hn::Set(d, targets.spread);
    const auto write = [&](int64_t at) HWY_ATTR {
      const V x = load(d, p + at);
      V result = v_everywhere;
      if (smooth) result = hn::Sub(result, hn::Div(shares.weigh_classes(d, spread, at), x));
      store(d, hn::IfThenElseZero(is_inside(d, x), result), to + at);
    };
    int64_t c = 0;
    for (; c + 2 * lanes <= classes; c += 2 * lanes) {
      write(c);
      write(c + lanes);
    }
    for (; c + lanes <= classes; c += lanes) write(c);
    if (c < classes) write(classes - lanes);
    const C x = to_compute(p[label]);
    if (x >= kLowestProbability<C> && x <= kHighestProbability<C>) {
      const C target = targets.at_label + targets.spread * weight_of(input, label);
      to[label] = from_compute<T>(everywhere - target / x);
    }
  }
}

/// Rows of a layout with inner > 1.
template <class T>
void backward_strips(const SparseCrossentropyInput<T>& input, int64_t begin, int64_t end,
                     const Compute<T>* row_sum, const Compute<T>* grad_value, int64_t grad_stride,
                     T* grad) {
  using C = Compute<T>;
  const hn::ScalableTag<C> d;
  const hn::RebindToSigned<decltype(d)> di;
  using V = hn::Vec<decltype(d)>;
  using Index = hn::TFromD<decltype(di)>;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const AxisLayout& layout = input.layout;
  const AxisLayout grad_layout = AxisLayout::contiguous(layout.classes, layout.inner);
  const Shares<C> shares(input);
  const bool smooth = input.label_smoothing != 0.0;
  HWY_ALIGN Index labels[kStripRows] = {};
  HWY_ALIGN C everywhere[kStripRows] = {};
  HWY_ALIGN C at_label[kStripRows] = {};
  HWY_ALIGN C spread[kStripRows] = {};
  HWY_ALIGN C total[kStripRows] = {};
  int64_t rows = 0;
  for (int64_t row = begin; row < end; row += rows) {
    rows = std::min({kStripRows, end - row, layout.inner - row % layout.inner});
    const T* p = input.y_pred + layout.offset(row);
    T* to = grad + grad_layout.offset(row);
    for (int64_t i = 0; i < rows; ++i) {
      const int64_t label = input.labels[row + i];
      const auto targets =
          scaled_targets(input, shares, label, grad_value[(row + i) * grad_stride]);
      labels[i] = static_cast<Index>(label);
      everywhere[i] = targets.total / row_sum[row + i];
      // A row that is ignored has no target, and perhaps no class of that label.
      at_label[i] =
          targets.at_label == C(0)
              ? C(0)
              : targets.at_label / clip_probability(to_compute(p[label * layout.inner + i]));
      spread[i] = targets.spread;
      total[i] = targets.total;
    }
    for (int64_t c = 0; c < layout.classes; ++c, p += layout.inner, to += layout.inner) {
      const auto label = hn::Set(di, static_cast<Index>(c));
      const auto gradient = [&](V v, int64_t i) HWY_ATTR {
        const auto is_label = hn::RebindMask(d, hn::Eq(hn::Load(di, labels + i), label));
        V result = hn::Load(d, everywhere + i);
        result = hn::Sub(result, hn::IfThenElseZero(is_label, hn::Load(d, at_label + i)));
        if (smooth) {
          const V share = shares.weigh_class(d, hn::Load(d, spread + i), c);
          result = hn::Sub(result, hn::Div(share, v));
        }
        const auto dropped = hn::Eq(hn::Load(d, total + i), hn::Zero(d));
        return hn::IfThenElseZero(hn::AndNot(dropped, is_inside(d, v)), result);
      };
      int64_t i = 0;
      for (; i + lanes <= rows; i += lanes) store(d, gradient(load(d, p + i), i), to + i);
      if (i < rows) {
        const auto left = static_cast<size_t>(rows - i);
        store_n(d, gradient(load_n(d, p + i, left), i), to + i, left);
      }
    }
  }
}

template <bool kSmooth, class T>
HWY_INLINE int64_t forward(const SparseCrossentropyInput<T>& input, int64_t begin, int64_t end,
                           Compute<T>* value, Compute<T>* row_sum) {
  if (!forward_takes_tiles<Compute<T>>(input.layout)) {
    return forward_rows<kSmooth>(input, begin, end, value, row_sum);
  }
  const Shares<Compute<T>> shares(input);
  return forward_tiles<kSmooth>(input, shares, begin, end, value, row_sum,
                                [](const auto&...) HWY_ATTR {});
}

template <class T>
HWY_INLINE void backward(const SparseCrossentropyInput<T>& input, int64_t begin, int64_t end,
                         const Compute<T>* row_sum, const Compute<T>* grad_value,
                         int64_t grad_stride, T* grad) {
  const auto run = input.layout.inner > 1                           ? backward_strips<T>
                   : backward_takes_tiles<Compute<T>>(input.layout) ? backward_tiles<T>
                                                                    : backward_rows<T>;
  run(input, begin, end, row_sum, grad_value, grad_stride, grad);
}

/// Forward and backward: the gradient of a tile while it is at hand.
template <bool kSmooth, class T>
HWY_INLINE int64_t with_gradient(const SparseCrossentropyInput<T>& input, int64_t begin,
                                 int64_t end, Compute<T>* value, Compute<T>* row_sum,
                                 Compute<T> each, T* grad) {
  if (backward_takes_tiles<Compute<T>>(input.layout)) {
    const hn::ScalableTag<Compute<T>> d;
    const Shares<Compute<T>> shares(input);
    const ShortRowGradient<T> gradient(input, shares);
    return forward_tiles<kSmooth>(
        input, shares, begin, end, value, row_sum,
        [&](const T* from, int64_t row, int64_t rows, const auto& labels, auto own, auto sum)
            HWY_ATTR {
              gradient.write(from, row, rows, labels, own, sum, hn::Set(d, each), grad);
            });
  }
  const int64_t bad = forward<kSmooth>(input, begin, end, value, row_sum);
  if (bad < 0) backward(input, begin, end, row_sum, &each, 0, grad);
  return bad;
}

// Highway exports functions, not templates.
#define ASSAY_DEFINE(T, Name)                                                                     \
  int64_t Forward##Name(const SparseCrossentropyInput<T>& input, int64_t begin, int64_t end,      \
                        Compute<T>* value, Compute<T>* row_sum) {                                 \
    const auto run = input.label_smoothing != 0.0 ? forward<true, T> : forward<false, T>;         \
    return run(input, begin, end, value, row_sum);                                                \
  }                                                                                               \
  int64_t WithGradient##Name(const SparseCrossentropyInput<T>& input, int64_t begin, int64_t end, \
                             Compute<T>* value, Compute<T>* row_sum, Compute<T> each, T* grad) {  \
    const auto run =                                                                              \
        input.label_smoothing != 0.0 ? with_gradient<true, T> : with_gradient<false, T>;          \
    return run(input, begin, end, value, row_sum, each, grad);                                    \
  }                                                                                               \
  void Backward##Name(const SparseCrossentropyInput<T>& input, int64_t begin, int64_t end,        \
                      const Compute<T>* row_sum, const Compute<T>* grad_value,                    \
                      int64_t grad_stride, T* grad) {                                             \
    backward(input, begin, end, row_sum, grad_value, grad_stride, grad);                          \
  }
ASSAY_FOR_EACH_SCALAR(ASSAY_DEFINE)
#undef ASSAY_DEFINE

}  // namespace
}  // namespace assay::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::kernels::cpu {

#define ASSAY_EXPORT(T, Name)                                                                  \
  HWY_EXPORT(Forward##Name);                                                                   \
  HWY_EXPORT(Backward##Name);                                                                  \
  HWY_EXPORT(WithGradient##Name);                                                              \
  template <>                                                                                  \
  int64_t probability_crossentropy_with_gradient<T>(                                           \
      const SparseCrossentropyInput<T>& input, int64_t begin, int64_t end, Compute<T>* value,  \
      Compute<T>* row_sum, Compute<T> each, T* grad) {                                         \
    return HWY_DYNAMIC_DISPATCH(WithGradient##Name)(input, begin, end, value, row_sum, each,   \
                                                    grad);                                     \
  }                                                                                            \
  template <>                                                                                  \
  int64_t probability_crossentropy_forward<T>(const SparseCrossentropyInput<T>& input,         \
                                              int64_t begin, int64_t end, Compute<T>* value,   \
                                              Compute<T>* row_sum) {                           \
    return HWY_DYNAMIC_DISPATCH(Forward##Name)(input, begin, end, value, row_sum);             \
  }                                                                                            \
  template <>                                                                                  \
  void probability_crossentropy_backward<T>(                                                   \
      const SparseCrossentropyInput<T>& input, int64_t begin, int64_t end,                     \
      const Compute<T>* row_sum, const Compute<T>* grad_value, int64_t grad_stride, T* grad) { \
    HWY_DYNAMIC_DISPATCH(Backward##Name)                                                       \
    (input, begin, end, row_sum, grad_value, grad_stride, grad);                               \
  }
ASSAY_FOR_EACH_SCALAR(ASSAY_EXPORT)
#undef ASSAY_EXPORT

}  // namespace assay::kernels::cpu
#endif  // HWY_ONCE
