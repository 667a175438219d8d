// SPDX-License-Identifier: Apache-2.0
#include <assay/core/kernels/cpu/sparse_crossentropy.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "assay/core/kernels/cpu/softmax_crossentropy.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h, which includes this file once for each target.
#include <assay/core/kernels/cpu/doubles-inl.h>
#include <assay/core/kernels/cpu/simd_io-inl.h>
#include <assay/core/kernels/cpu/simd_math-inl.h>
#include <assay/core/kernels/cpu/softmax_sums-inl.h>
#include <assay/core/kernels/cpu/sparse_rows-inl.h>
#include <assay/core/kernels/cpu/tile-inl.h>
#include <hwy/cache_control.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace assay::kernels::cpu::HWY_NAMESPACE {
namespace {  // other kernels have functions of the same names

namespace hn = hwy::HWY_NAMESPACE;

/// Short rows of a matrix, or rows of a layout with inner > 1.
template <bool kSmooth, class T>
int64_t forward_tiles(const SparseCrossentropyInput<T>& input, int64_t begin, int64_t end,
                      Compute<T>* value, Compute<T>* row_max, Compute<T>* row_sum) {
  using C = Compute<T>;
  const hn::ScalableTag<C> d;
  using V = hn::Vec<decltype(d)>;
  constexpr size_t kLanes = hn::MaxLanes(d);
  const AxisLayout& layout = input.layout;
  const Shares<C> shares(input);
  TileStorage<decltype(d)> tile;
  LabelLanes<decltype(d)> labels;
  HWY_ALIGN double x_sums[kLanes];  // of w x, with label smoothing only
  int64_t rows = 0;
  for (int64_t row = begin; row < end; row += rows) {
    rows = tile_rows(d, layout, row, end);
    const T* from = input.y_pred + layout.offset(row);
    const int64_t bad = labels.read(input, from, row, rows);
    if (bad >= 0) return bad;
    TileSoftmax<V> softmax = {hn::Zero(d), hn::Zero(d), hn::Zero(d)};
    if constexpr (kSmooth) std::fill_n(x_sums, kLanes, 0.0);
    for (int64_t c = 0; c < layout.classes; c += kTileClasses) {
      const int64_t classes = std::min(kTileClasses, layout.classes - c);
      read_tile(d, from + c * layout.inner, layout, classes, rows, tile.lanes);
      add_tile(d, tile.lanes, classes, c == 0, softmax);
      if constexpr (kSmooth) {
        add_in_double(d, tile.lanes, classes, x_sums, [&](auto wide, auto x, int64_t k) HWY_ATTR {
          return shares.weigh_class(wide, x, c + k);
        });
      }
    }
    const SplitLog<V> log_sum = split_log1p(d, softmax.others(d));
    const V score = hn::Load(d, labels.score);
    const V weight = hn::Load(d, labels.weight);
    V loss = in_double(
        d,
        [&](auto wide, size_t lane, auto high, auto middle, auto low, auto max, auto x, auto w)
            HWY_ATTR {
              const auto log = hn::Add(high, hn::Add(middle, low));
              auto result = hn::Add(log, hn::Sub(max, x));
              if constexpr (kSmooth) {
                const auto kept = hn::Mul(w, hn::Set(wide, shares.keep));
                const auto shift = hn::Mul(finite_shift(wide, max), hn::Set(wide, shares.weights));
                const auto below = hn::Sub(shift, hn::Load(wide, x_sums + lane));
                const auto even = hn::MulAdd(log, hn::Set(wide, shares.weights), below);
                result = hn::MulAdd(result, kept, hn::Mul(even, hn::Set(wide, shares.spread)));
              } else if (input.class_weight != nullptr) {
                result = hn::Mul(result, w);
              }
              return result;
            },
        log_sum.high, log_sum.middle, log_sum.low, softmax.max, score, weight);
    V sum = softmax.sum();
    if (input.has_ignore_class) {
      const auto ignored = labels.ignored(d);
      loss = hn::IfThenZeroElse(ignored, loss);
      softmax.max = hn::IfThenZeroElse(ignored, softmax.max);
      sum = hn::IfThenZeroElse(ignored, sum);
    }
    store_up_to(d, loss, value + row, rows);
    if (row_max != nullptr) store_up_to(d, softmax.max, row_max + row, rows);
    if (row_sum != nullptr) store_up_to(d, sum, row_sum + row, rows);
  }
  return -1;
}

/// Rows of a matrix shorter than a vector.
template <class T>
void backward_tiles(const SparseCrossentropyInput<T>& input, int64_t begin, int64_t end,
                    const Compute<T>* row_max, const Compute<T>* row_sum,
                    const Compute<T>* grad_value, int64_t grad_stride, T* grad) {
  using C = Compute<T>;
  const hn::ScalableTag<C> d;
  const hn::RebindToSigned<decltype(d)> di;
  using V = hn::Vec<decltype(d)>;
  using Index = hn::TFromD<decltype(di)>;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const AxisLayout& layout = input.layout;
  const Shares<C> shares(input);
  TileStorage<decltype(d)> tile;
  LabelLanes<decltype(d)> labels;
  int64_t rows = 0;
  for (int64_t row = begin; row < end; row += rows) {
    rows = tile_rows(d, layout, row, end);
    const T* from = input.y_pred + layout.offset(row);
    labels.read(input, from, row, rows);
    const V max = load_up_to(d, row_max + row, rows);
    const V sum = load_up_to(d, row_sum + row, rows);
    const V g = hn::IfThenZeroElse(
        labels.ignored(d), load_strided(d, grad_value + row * grad_stride, grad_stride, rows));
    const V at_label =
        hn::Mul(hn::Mul(g, hn::Load(d, labels.weight)), hn::Set(d, static_cast<C>(shares.keep)));
    const V spread = hn::Mul(g, hn::Set(d, static_cast<C>(shares.spread)));
    // g times the sum of the row's targets.
    const V total =
        hn::MulAdd(g, hn::Set(d, static_cast<C>(shares.spread * shares.weights)), at_label);
    const V scale = hn::Div(total, sum);
    const auto dropped = hn::Eq(total, hn::Zero(d));
    const auto label = hn::Load(di, labels.label);
    read_tile(d, from, layout, layout.classes, rows, tile.lanes);
    for (int64_t c = 0; c < layout.classes; ++c) {
      C* at = tile.lanes + c * lanes;
      const auto is_label = hn::RebindMask(d, hn::Eq(label, hn::Set(di, static_cast<Index>(c))));
      const V p = exp_below_overflow(d, hn::Sub(hn::Load(d, at), max));
      const V target =
          hn::Add(hn::IfThenElseZero(is_label, at_label), shares.weigh_class(d, spread, c));
      hn::Store(hn::IfThenZeroElse(dropped, hn::MulSub(p, scale, target)), d, at);
    }
    write_tile(d, tile.lanes, layout.classes, rows, grad + row * layout.classes);
  }
}

/// What one row comes to. The sums are relative to `shift`.
struct RowSums {
  double max;
  double shift;
  double others;  // the sum of exp(x - shift) without the label's
  double below;   // the sum of w (shift - x), kept with label smoothing only
};

/// The sums of one chunk of a contiguous row that is at least a vector long, and the maximum so
/// far. Without the label's class, a cost near 0 keeps its digits: it is log(1 + others). kKeep:
/// `terms` receives exp(x - shift).
template <bool kSmooth, bool kKeep, class T>
HWY_INLINE void add_chunk(const T* x, int64_t first, int64_t last, int64_t label,
                          const Shares<Compute<T>>& shares, RowSums& sums, T* terms) {
  const hn::ScalableTag<Compute<T>> d;
  using V = hn::Vec<decltype(d)>;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const V shift = hn::Set(d, static_cast<Compute<T>>(sums.shift));
  V max0 = hn::Set(d, -std::numeric_limits<Compute<T>>::infinity());
  V max1 = max0;
  V sum0 = hn::Zero(d);
  V sum1 = hn::Zero(d);
  V sum2 = hn::Zero(d);
  V sum3 = hn::Zero(d);
  V below = hn::Zero(d);
  const auto term = [&](int64_t at, int64_t seen, V& max) HWY_ATTR {
    hwy::Prefetch(x + at + kPrefetched);
    const V v = load(d, x + at);
    max = hn::Max(max, v);
    const V y = hn::Sub(v, shift);
    if constexpr (kSmooth) {
      below = hn::Sub(below, without_seen(d, shares.weigh_classes(d, y, at), seen));
    }
    const V e = exp_below_overflow(d, y);
    if constexpr (kKeep) store(d, e, terms + at);
    return without_seen(d, e, seen);
  };
  const auto add_vectors = [&](int64_t c, int64_t end) HWY_ATTR {
    for (; c + 4 * lanes <= end; c += 4 * lanes) {
      sum0 = hn::Add(sum0, term(c, 0, max0));
      sum1 = hn::Add(sum1, term(c + lanes, 0, max1));
      sum2 = hn::Add(sum2, term(c + 2 * lanes, 0, max0));
      sum3 = hn::Add(sum3, term(c + 3 * lanes, 0, max1));
    }
    for (; c + lanes <= end; c += lanes) sum0 = hn::Add(sum0, term(c, 0, max0));
  };
  const int64_t whole = first + (last - first) / lanes * lanes;
  if (label >= first && label < whole) {
    const int64_t at = first + (label - first) / lanes * lanes;
    add_vectors(first, at);
    sum1 = hn::Add(sum1, without_lane(d, term(at, 0, max1), label - at));
    add_vectors(at + lanes, whole);
  } else {
    add_vectors(first, whole);
  }
  if (whole < last) {
    // The last vector reaches back to where the row has enough classes; those were seen.
    const int64_t overlapping = last - lanes;
    V e = term(overlapping, whole - overlapping, max1);
    if (label >= whole && label < last) e = without_lane(d, e, label - overlapping);
    sum1 = hn::Add(sum1, e);
  }
  const double max = hn::GetLane(hn::MaxOfLanes(d, hn::Max(max0, max1)));
  if (!(max <= sums.max)) sums.max = max;
  sums.others += hn::GetLane(hn::SumOfLanes(d, hn::Add(hn::Add(sum0, sum1), hn::Add(sum2, sum3))));
  if constexpr (kSmooth) sums.below += hn::GetLane(hn::SumOfLanes(d, below));
}

/// The sums of a row, in one pass over memory. Most rows need no shift, and then their maximum need
/// not be known before; where it turns out that they do, they are added once more. kKeep: of rows
/// without a shift, `terms` receives exp(x).
template <bool kSmooth, bool kKeep, class T>
HWY_INLINE RowSums sum_row(const T* x, int64_t classes, int64_t label,
                           const Shares<Compute<T>>& shares, T* terms) {
  const hn::ScalableTag<Compute<T>> d;
  constexpr double kLowest = -std::numeric_limits<double>::infinity();
  const int64_t chunk = kChunkVectors * static_cast<int64_t>(hn::Lanes(d));
  RowSums sums = {kLowest, 0.0, 0.0, 0.0};
  for (int64_t first = 0; first < classes && sums.max <= kHighestUnshifted; first += chunk) {
    const int64_t last = std::min(first + chunk, classes);
    add_chunk<kSmooth, kKeep>(x, first, last, label, shares, sums, terms);
  }
  if (needs_no_shift(sums.max)) return sums;

  double before = 0.0;  // the weights of the chunks before
  sums = {kLowest, 0.0, 0.0, 0.0};
  for (int64_t first = 0; first < classes; first += chunk) {
    const int64_t last = std::min(first + chunk, classes);
    const double max = max_of_chunk(d, x, first, last);
    if (!(max <= sums.max)) {
      const double shift = finite_shift(max);
      if (first > 0) {
        sums.others *= std::exp(sums.shift - shift);
        sums.below += before * (shift - sums.shift);
      }
      sums.shift = shift;
    }
    add_chunk<kSmooth, false, T>(x, first, last, label, shares, sums, nullptr);
    if constexpr (kSmooth) before += shares.weight_sum(first, last);
  }
  return sums;
}

/// Elements of a group of rows.
constexpr int64_t kGroupElements = 8192;

/// Some rows' sums, from which what they cost is computed in vectors.
template <class C>
struct RowGroup {
  static constexpr int64_t kRows = 8;
  static_assert(kRows % hn::MaxLanes(hn::ScalableTag<double>()) == 0);

  HWY_ALIGN double max[kRows] = {};
  HWY_ALIGN double shift[kRows] = {};
  HWY_ALIGN double others[kRows] = {};
  HWY_ALIGN double below[kRows] = {};
  HWY_ALIGN double score[kRows] = {};   // the label's
  HWY_ALIGN double weight[kRows] = {};  // the label's, 0 of an ignored row
  HWY_ALIGN double factor[kRows] = {};  // exp(shift - max)
  HWY_ALIGN double sum[kRows] = {};
  HWY_ALIGN double loss[kRows] = {};

  void set(int64_t i, const RowSums& sums, double own_score, double own_weight) {
    max[i] = sums.max;
    shift[i] = sums.shift;
    others[i] = sums.others;
    below[i] = sums.below;
    score[i] = own_score;
    weight[i] = own_weight;
  }

  template <bool kSmooth>
  HWY_INLINE void finish(const Shares<C>& shares) {
    const hn::ScalableTag<double> d;
    using V = hn::Vec<decltype(d)>;
    for (int64_t i = 0; i < kRows; i += static_cast<int64_t>(hn::Lanes(d))) {
      const V v_max = hn::Load(d, max + i);
      const V v_shift = hn::Load(d, shift + i);
      const V score_below = hn::Sub(v_max, hn::Load(d, score + i));
      const V v_factor = exp(d, hn::Sub(v_shift, v_max));
      const V rest = hn::Mul(hn::Load(d, others + i), v_factor);
      const V own = exp(d, hn::Neg(score_below));
      const V all = hn::Add(rest, own);
      const V one = hn::Set(d, 1.0);
      const auto is_top = hn::Eq(score_below, hn::Zero(d));
      const V log_sum = log1p(d, hn::IfThenElse(is_top, rest, hn::Sub(all, one)));
      V result = hn::Mul(hn::Mul(hn::Load(d, weight + i), hn::Set(d, shares.keep)),
                         hn::Add(log_sum, score_below));
      if constexpr (kSmooth) {
        const V weights = hn::Set(d, shares.weights);
        const V all_below = hn::MulAdd(weights, hn::Sub(v_max, v_shift), hn::Load(d, below + i));
        result =
            hn::MulAdd(hn::Set(d, shares.spread), hn::MulAdd(weights, log_sum, all_below), result);
      }
      hn::Store(v_factor, d, factor + i);
      hn::Store(all, d, sum + i);
      hn::Store(result, d, loss + i);
    }
  }
};

/// The gradient of a row of a matrix, at least a vector long, whose targets are not all 0. Plain
/// stores: streaming ones are 15% faster into memory that was touched before, but 40% slower into
/// fresh pages, which is what a large gradient gets.
template <class T, class C = Compute<T>>
HWY_INLINE void backward_row(const SparseCrossentropyInput<T>& input, const Shares<C>& shares,
                             const ScaledTargets<C>& targets, int64_t label, const T* x, C row_max,
                             C row_sum, T* to) {
  const hn::ScalableTag<C> d;
  using V = hn::Vec<decltype(d)>;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const int64_t classes = input.layout.classes;
  const V scale = hn::Set(d, targets.total / row_sum);
  const V max = hn::Set(d, row_max);
  const V spread = hn::Set(d, targets.spread);
  const auto write = [&](V v, int64_t at) HWY_ATTR {
    const V p = exp_below_overflow(d, hn::Sub(v, max));
    store(d, hn::MulSub(p, scale, shares.weigh_classes(d, spread, at)), to + at);
  };
  // Read before anything is stored, which may be where they stand. The label's gradient is made
  // of the row's own numbers: what is stored may have been rounded to 16 bits.
  const V last = load(d, x + classes - lanes);
  const C p = std::exp(to_compute(x[label]) - row_max) / row_sum;
  int64_t c = 0;
  for (; c + 2 * lanes <= classes; c += 2 * lanes) {
    write(load(d, x + c), c);
    write(load(d, x + c + lanes), c + lanes);
  }
  for (; c + lanes <= classes; c += lanes) write(load(d, x + c), c);
  if (c < classes) write(last, classes - lanes);
  const C target = targets.at_label + targets.spread * weight_of(input, label);
  to[label] = from_compute<T>(p * targets.total - target);
}

/// Rows of a matrix, at least a vector long.
template <class T>
void backward_rows(const SparseCrossentropyInput<T>& input, int64_t begin, int64_t end,
                   const Compute<T>* row_max, const Compute<T>* row_sum,
                   const Compute<T>* grad_value, int64_t grad_stride, T* grad) {
  const int64_t classes = input.layout.classes;
  const Shares<Compute<T>> shares(input);
  for (int64_t row = begin; row < end; ++row) {
    const int64_t label = input.labels[row];
    T* to = grad + row * classes;
    const auto targets = scaled_targets(input, shares, label, grad_value[row * grad_stride]);
    if (targets.total == Compute<T>(0)) {
      std::fill(to, to + classes, T{});
    } else {
      const T* x = input.y_pred + row * input.layout.outer_stride;
      backward_row(input, shares, targets, label, x, row_max[row], row_sum[row], to);
    }
  }
}

/// The gradient of a row where its exp(x) stand.
template <class C>
HWY_INLINE void terms_to_gradient(const SparseCrossentropyInput<C>& input, const Shares<C>& shares,
                                  const ScaledTargets<C>& targets, int64_t label, double scale,
                                  C* to) {
  const hn::ScalableTag<C> d;
  using V = hn::Vec<decltype(d)>;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const int64_t classes = input.layout.classes;
  const V factor = hn::Set(d, static_cast<C>(scale));
  const V spread = hn::Set(d, targets.spread);
  const auto write = [&](V e, int64_t c) HWY_ATTR {
    hn::StoreU(hn::MulSub(e, factor, shares.weigh_classes(d, spread, c)), d, to + c);
  };
  // Before they are replaced.
  const V last = hn::LoadU(d, to + classes - lanes);
  const C own = to[label];
  int64_t c = 0;
  for (; c + lanes <= classes; c += lanes) write(hn::LoadU(d, to + c), c);
  if (c < classes) write(last, classes - lanes);
  const C target = targets.at_label + targets.spread * weight_of(input, label);
  to[label] = own * static_cast<C>(scale) - target;
}

/// Rows of a matrix, at least a vector long. kGradient: with their gradients for an output gradient
/// of `each`, which are made of what the values were.
template <bool kSmooth, bool kGradient, class T>
int64_t forward_rows(const SparseCrossentropyInput<T>& input, int64_t begin, int64_t end,
                     Compute<T>* value, Compute<T>* row_max, Compute<T>* row_sum, Compute<T> each,
                     T* grad) {
  using C = Compute<T>;
  using Group = RowGroup<C>;
  const Shares<C> shares(input);
  const int64_t classes = input.layout.classes;
  // The rows of a group stay in the first-level cache until they become gradients.
  const int64_t most =
      kGradient ? std::clamp<int64_t>(kGroupElements / classes, 1, Group::kRows) : Group::kRows;
  for (int64_t first = begin; first < end; first += most) {
    const int64_t rows = std::min(most, end - first);
    Group group;
    for (int64_t i = 0; i < rows; ++i) {
      const int64_t label = input.labels[first + i];
      if (is_ignored(input, label)) continue;
      if (!in_range(input, label)) return first + i;
      const T* x = input.y_pred + (first + i) * input.layout.outer_stride;
      T* terms = kGradient ? grad + (first + i) * classes : nullptr;
      const RowSums sums = sum_row<kSmooth, kGradient>(x, classes, label, shares, terms);
      group.set(i, sums, to_compute(x[label]), weight_of(input, label));
    }
    group.template finish<kSmooth>(shares);
    for (int64_t i = 0; i < rows; ++i) {
      const int64_t row = first + i;
      const int64_t label = input.labels[row];
      const bool ignored = is_ignored(input, label);
      const C max = static_cast<C>(group.max[i]);
      const C sum = ignored ? C(0) : static_cast<C>(group.sum[i]);
      value[row] = ignored ? C(0) : static_cast<C>(group.loss[i]);
      if (row_max != nullptr) row_max[row] = max;
      if (row_sum != nullptr) row_sum[row] = sum;
      if constexpr (kGradient) {
        T* to = grad + row * classes;
        const auto targets = scaled_targets(input, shares, label, each);
        if (targets.total == C(0)) {
          std::fill(to, to + classes, T{});
        } else if (needs_no_shift(group.max[i])) {
          const double scale = targets.total / group.sum[i] * group.factor[i];
          terms_to_gradient(input, shares, targets, label, scale, to);
        } else {
          const T* x = input.y_pred + row * input.layout.outer_stride;
          backward_row(input, shares, targets, label, x, max, sum, to);
        }
      }
    }
  }
  return -1;
}

/// Rows of a layout with inner > 1.
template <class T>
void backward_strips(const SparseCrossentropyInput<T>& input, int64_t begin, int64_t end,
                     const Compute<T>* row_max, const Compute<T>* row_sum,
                     const Compute<T>* grad_value, int64_t grad_stride, T* grad) {
  using C = Compute<T>;
  const hn::ScalableTag<C> d;
  const hn::RebindToSigned<decltype(d)> di;
  using V = hn::Vec<decltype(d)>;
  using Index = hn::TFromD<decltype(di)>;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const AxisLayout& layout = input.layout;
  const AxisLayout grad_layout = AxisLayout::contiguous(layout.classes, layout.inner);
  const Shares<C> shares(input);
  HWY_ALIGN Index labels[kStripRows] = {};
  HWY_ALIGN C max[kStripRows] = {};
  HWY_ALIGN C scale[kStripRows] = {};
  HWY_ALIGN C at_label[kStripRows] = {};
  HWY_ALIGN C spread[kStripRows] = {};
  HWY_ALIGN C total[kStripRows] = {};
  int64_t rows = 0;
  for (int64_t row = begin; row < end; row += rows) {
    rows = std::min({kStripRows, end - row, layout.inner - row % layout.inner});
    for (int64_t i = 0; i < rows; ++i) {
      const int64_t label = input.labels[row + i];
      const auto targets =
          scaled_targets(input, shares, label, grad_value[(row + i) * grad_stride]);
      labels[i] = static_cast<Index>(label);
      max[i] = row_max[row + i];
      scale[i] = targets.total / row_sum[row + i];
      at_label[i] = targets.at_label;
      spread[i] = targets.spread;
      total[i] = targets.total;
    }
    const T* x = input.y_pred + layout.offset(row);
    T* to = grad + grad_layout.offset(row);
    for (int64_t c = 0; c < layout.classes; ++c, x += layout.inner, to += layout.inner) {
      const auto label = hn::Set(di, static_cast<Index>(c));
      const auto gradient = [&](V v, int64_t i) HWY_ATTR {
        const V p = exp_below_overflow(d, hn::Sub(v, hn::Load(d, max + i)));
        const auto is_label = hn::RebindMask(d, hn::Eq(hn::Load(di, labels + i), label));
        const V target = hn::Add(hn::IfThenElseZero(is_label, hn::Load(d, at_label + i)),
                                 shares.weigh_class(d, hn::Load(d, spread + i), c));
        const auto dropped = hn::Eq(hn::Load(d, total + i), hn::Zero(d));
        return hn::IfThenZeroElse(dropped, hn::MulSub(p, hn::Load(d, scale + i), target));
      };
      int64_t i = 0;
      for (; i + lanes <= rows; i += lanes) store(d, gradient(load(d, x + i), i), to + i);
      if (i < rows) {
        const auto left = static_cast<size_t>(rows - i);
        store_n(d, gradient(load_n(d, x + i, left), i), to + i, left);
      }
    }
  }
}

template <class T>
HWY_INLINE int64_t forward(const SparseCrossentropyInput<T>& input, int64_t begin, int64_t end,
                           Compute<T>* value, Compute<T>* row_max, Compute<T>* row_sum) {
  const bool smooth = input.label_smoothing != 0.0;
  if (forward_takes_tiles<Compute<T>>(input.layout)) {
    const auto run = smooth ? forward_tiles<true, T> : forward_tiles<false, T>;
    return run(input, begin, end, value, row_max, row_sum);
  }
  const auto run = smooth ? forward_rows<true, false, T> : forward_rows<false, false, T>;
  return run(input, begin, end, value, row_max, row_sum, 0, nullptr);
}

template <class T>
HWY_INLINE void backward(const SparseCrossentropyInput<T>& input, int64_t begin, int64_t end,
                         const Compute<T>* row_max, const Compute<T>* row_sum,
                         const Compute<T>* grad_value, int64_t grad_stride, T* grad) {
  const auto run = input.layout.inner > 1                           ? backward_strips<T>
                   : backward_takes_tiles<Compute<T>>(input.layout) ? backward_tiles<T>
                                                                    : backward_rows<T>;
  run(input, begin, end, row_max, row_sum, grad_value, grad_stride, grad);
}

/// Forward and backward. Numbers of 16 bits would round what the gradient is made of.
template <class T>
HWY_INLINE int64_t with_gradient(const SparseCrossentropyInput<T>& input, int64_t begin,
                                 int64_t end, Compute<T>* value, Compute<T>* row_max,
                                 Compute<T>* row_sum, Compute<T> each, T* grad) {
  if constexpr (std::is_same_v<T, Compute<T>>) {
    if (!forward_takes_tiles<T>(input.layout)) {
      const auto run =
          input.label_smoothing != 0.0 ? forward_rows<true, true, T> : forward_rows<false, true, T>;
      return run(input, begin, end, value, row_max, row_sum, each, grad);
    }
  }
  const int64_t bad = forward(input, begin, end, value, row_max, row_sum);
  if (bad < 0) backward(input, begin, end, row_max, row_sum, &each, 0, grad);
  return bad;
}

// Highway exports functions, not templates.
#define ASSAY_DEFINE(T, Name)                                                                     \
  int64_t Forward##Name(const SparseCrossentropyInput<T>& input, int64_t begin, int64_t end,      \
                        Compute<T>* value, Compute<T>* row_max, Compute<T>* row_sum) {            \
    return forward(input, begin, end, value, row_max, row_sum);                                   \
  }                                                                                               \
  int64_t WithGradient##Name(const SparseCrossentropyInput<T>& input, int64_t begin, int64_t end, \
                             Compute<T>* value, Compute<T>* row_max, Compute<T>* row_sum,         \
                             Compute<T> each, T* grad) {                                          \
    return with_gradient(input, begin, end, value, row_max, row_sum, each, grad);                 \
  }                                                                                               \
  void Backward##Name(const SparseCrossentropyInput<T>& input, int64_t begin, int64_t end,        \
                      const Compute<T>* row_max, const Compute<T>* row_sum,                       \
                      const Compute<T>* grad_value, int64_t grad_stride, T* grad) {               \
    backward(input, begin, end, row_max, row_sum, grad_value, grad_stride, grad);                 \
  }
ASSAY_FOR_EACH_SCALAR(ASSAY_DEFINE)
#undef ASSAY_DEFINE

}  // namespace
}  // namespace assay::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::kernels::cpu {

#define ASSAY_EXPORT(T, Name)                                                                     \
  HWY_EXPORT(Forward##Name);                                                                      \
  HWY_EXPORT(Backward##Name);                                                                     \
  HWY_EXPORT(WithGradient##Name);                                                                 \
  template <>                                                                                     \
  int64_t softmax_crossentropy_with_gradient<T>(                                                  \
      const SparseCrossentropyInput<T>& input, int64_t begin, int64_t end, Compute<T>* value,     \
      Compute<T>* row_max, Compute<T>* row_sum, Compute<T> each, T* grad) {                       \
    return HWY_DYNAMIC_DISPATCH(WithGradient##Name)(input, begin, end, value, row_max, row_sum,   \
                                                    each, grad);                                  \
  }                                                                                               \
  template <>                                                                                     \
  int64_t softmax_crossentropy_forward<T>(const SparseCrossentropyInput<T>& input, int64_t begin, \
                                          int64_t end, Compute<T>* value, Compute<T>* row_max,    \
                                          Compute<T>* row_sum) {                                  \
    return HWY_DYNAMIC_DISPATCH(Forward##Name)(input, begin, end, value, row_max, row_sum);       \
  }                                                                                               \
  template <>                                                                                     \
  void softmax_crossentropy_backward<T>(const SparseCrossentropyInput<T>& input, int64_t begin,   \
                                        int64_t end, const Compute<T>* row_max,                   \
                                        const Compute<T>* row_sum, const Compute<T>* grad_value,  \
                                        int64_t grad_stride, T* grad) {                           \
    HWY_DYNAMIC_DISPATCH(Backward##Name)                                                          \
    (input, begin, end, row_max, row_sum, grad_value, grad_stride, grad);                         \
  }
ASSAY_FOR_EACH_SCALAR(ASSAY_EXPORT)
#undef ASSAY_EXPORT

}  // namespace assay::kernels::cpu
#endif  // HWY_ONCE
