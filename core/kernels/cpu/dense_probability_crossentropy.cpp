// SPDX-License-Identifier: Apache-2.0
#include <assay/core/kernels/cpu/dense_crossentropy.h>
#include <assay/core/kernels/cpu/probability.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "assay/core/kernels/cpu/dense_probability_crossentropy.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h, which includes this file once for each target.
#include <assay/core/kernels/cpu/dense_rows-inl.h>
#include <assay/core/kernels/cpu/doubles-inl.h>
#include <assay/core/kernels/cpu/simd_io-inl.h>
#include <assay/core/kernels/cpu/simd_math-inl.h>
#include <assay/core/kernels/cpu/tile-inl.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace assay::kernels::cpu::HWY_NAMESPACE {
namespace {  // other kernels have functions of the same names

namespace hn = hwy::HWY_NAMESPACE;

/// Vectors of classes whose sums are kept in the type computed in, before they go to a double.
constexpr int64_t kChunkVectors = 128;

/// Where the forward function writes.
template <class C>
struct Outputs {
  C* value;
  C* row_sum;
  C* row_target;
};

/// What the backward function reads.
template <class C>
struct Statistics {
  const C* row_sum;
  const C* row_target;
  const C* grad_value;
  int64_t grad_stride;
};

/// Within the bounds of C, which D may be wider than.
template <class C, class D, class V = hn::Vec<D>>
HWY_INLINE hn::Mask<D> is_inside(D d, V q) {
  using Wide = hn::TFromD<D>;
  return hn::And(hn::Ge(q, hn::Set(d, static_cast<Wide>(kLowestProbability<C>))),
                 hn::Le(q, hn::Set(d, static_cast<Wide>(kHighestProbability<C>))));
}

/// p / sum, 1 / classes where the sum is 0.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V normalised(D d, V p, V sum, int64_t classes) {
  using C = hn::TFromD<D>;
  const auto is_empty = hn::Eq(sum, hn::Zero(d));
  const V uniform = hn::Set(d, static_cast<C>(1.0 / static_cast<double>(classes)));
  return hn::IfThenElse(is_empty, uniform, hn::Div(p, sum));
}

template <class C, class D, class V = hn::Vec<D>>
HWY_INLINE V log_clipped(D d, V q) {
  using Wide = hn::TFromD<D>;
  return log_normal(d, clip(d, q, static_cast<Wide>(kLowestProbability<C>),
                            static_cast<Wide>(kHighestProbability<C>)));
}

/// Short rows of a matrix, or rows of a layout with inner > 1.
template <class T>
void forward_tiles(const DenseCrossentropyInput<T>& input, int64_t begin, int64_t end,
                   const Outputs<Compute<T>>& to) {
  using C = Compute<T>;
  const hn::ScalableTag<C> d;
  constexpr size_t kLanes = hn::MaxLanes(d);
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const AxisLayout layout = AxisLayout::contiguous(input.classes, input.inner);
  const Targets<T> targets(input);
  const Doubles wide;
  TilePair<decltype(d)> tiles;
  HWY_ALIGN double sums[kLanes];
  HWY_ALIGN double costs[kLanes];
  HWY_ALIGN double inside_targets[kLanes];
  HWY_ALIGN C rounded[kLanes];
  const auto store_rounded = [&](const double* from, C* array, int64_t row, int64_t rows) HWY_ATTR {
    if (array == nullptr) return;
    for (int64_t i = 0; i < lanes; ++i) rounded[i] = static_cast<C>(from[i]);
    store_up_to(d, hn::Load(d, rounded), array + row, rows);
  };
  int64_t rows = 0;
  for (int64_t row = begin; row < end; row += rows) {
    rows = tile_rows(d, layout, row, end);
    const T* p = input.y_pred + layout.offset(row);
    std::fill_n(sums, kLanes, 0.0);
    for (int64_t c = 0; c < input.classes; c += kTileClasses) {
      const int64_t classes = std::min(kTileClasses, input.classes - c);
      read_tile(d, p + c * input.inner, layout, classes, rows, tiles.y_pred.lanes);
      add_in_double(d, tiles.y_pred.lanes, classes, sums,
                    [](auto, auto x, int64_t) HWY_ATTR { return x; });
    }
    std::fill_n(costs, kLanes, 0.0);
    std::fill_n(inside_targets, kLanes, 0.0);
    for (int64_t c = 0; c < input.classes; c += kTileClasses) {
      const int64_t classes = std::min(kTileClasses, input.classes - c);
      tiles.read(d, input, row, rows, c, classes);
      for (int64_t lane = 0; lane < lanes; lane += static_cast<int64_t>(hn::Lanes(wide))) {
        const auto sum = hn::Load(wide, sums + lane);
        auto cost = hn::Zero(wide);
        auto inside = hn::Zero(wide);
        for (int64_t k = 0; k < classes; ++k) {
          const auto y_true = load_doubles(wide, tiles.y_true.lanes + k * lanes + lane);
          const auto x = load_doubles(wide, tiles.y_pred.lanes + k * lanes + lane);
          const auto q = normalised(wide, x, sum, input.classes);
          const auto t = targets.of_class(wide, y_true, c + k);
          cost = hn::NegMulAdd(t, log_clipped<C>(wide, q), cost);
          inside = hn::Add(inside, hn::IfThenElseZero(is_inside<C>(wide, q), t));
        }
        hn::Store(hn::Add(hn::Load(wide, costs + lane), cost), wide, costs + lane);
        inside = hn::Add(hn::Load(wide, inside_targets + lane), inside);
        hn::Store(inside, wide, inside_targets + lane);
      }
    }
    store_rounded(costs, to.value, row, rows);
    store_rounded(sums, to.row_sum, row, rows);
    store_rounded(inside_targets, to.row_target, row, rows);
  }
}

template <class D, class T>
HWY_INLINE double sum_row(D d, const T* p, int64_t classes) {
  using V = hn::Vec<D>;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const int64_t chunk = kChunkVectors * lanes;
  double total = 0.0;
  for (int64_t first = 0; first < classes; first += chunk) {
    const int64_t last = std::min(first + chunk, classes);
    V sum0 = hn::Zero(d);
    V sum1 = hn::Zero(d);
    int64_t c = first;
    for (; c + 2 * lanes <= last; c += 2 * lanes) {
      sum0 = hn::Add(sum0, load(d, p + c));
      sum1 = hn::Add(sum1, load(d, p + c + lanes));
    }
    for_each_vector(c, last, lanes, [&](int64_t at, int64_t seen) HWY_ATTR {
      sum0 = hn::Add(sum0, without_seen(d, load(d, p + at), seen));
    });
    total += hn::GetLane(hn::SumOfLanes(d, hn::Add(sum0, sum1)));
  }
  return total;
}

/// Rows of a matrix, at least a vector long.
template <class T>
void forward_rows(const DenseCrossentropyInput<T>& input, int64_t begin, int64_t end,
                  const Outputs<Compute<T>>& to) {
  using C = Compute<T>;
  const hn::ScalableTag<C> d;
  using V = hn::Vec<decltype(d)>;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const Targets<T> targets(input);
  const int64_t chunk = kChunkVectors * lanes;
  for (int64_t row = begin; row < end; ++row) {
    const T* p = input.y_pred + row * input.classes;
    const T* y_true = input.y_true + row * input.classes;
    const auto row_sum = static_cast<C>(sum_row(d, p, input.classes));
    const V sum = hn::Set(d, row_sum);
    double total = 0.0;
    double inside_total = 0.0;
    for (int64_t first = 0; first < input.classes; first += chunk) {
      const int64_t last = std::min(first + chunk, input.classes);
      V cost = hn::Zero(d);
      V inside_target = hn::Zero(d);
      for_each_vector(first, last, lanes, [&](int64_t c, int64_t seen) HWY_ATTR {
        const V q = normalised(d, load(d, p + c), sum, input.classes);
        const V t = without_seen(d, targets.of_classes(d, load(d, y_true + c), c), seen);
        // What was seen before has no target now; its NaN, if it is one, was counted already.
        cost = hn::NegMulAdd(t, log_clipped<C>(d, q), cost);
        inside_target = hn::Add(inside_target, hn::IfThenElseZero(is_inside<C>(d, q), t));
      });
      total += hn::GetLane(hn::SumOfLanes(d, cost));
      inside_total += hn::GetLane(hn::SumOfLanes(d, inside_target));
    }
    to.value[row] = static_cast<C>(total);
    if (to.row_sum != nullptr) to.row_sum[row] = row_sum;
    if (to.row_target != nullptr) to.row_target[row] = static_cast<C>(inside_total);
  }
}

/// scale (inside - t / q), without the last term where q is clipped; 0 where one factor is, even if
/// the other is infinite. scale = g / sum.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V gradient(D d, V p, V t, V sum, V inside, V scale) {
  const V q = hn::Div(p, sum);
  const V own = hn::IfThenElseZero(is_inside<hn::TFromD<D>>(d, q), hn::Div(t, q));
  const V slope = hn::Sub(inside, own);
  const auto is_flat = hn::And(hn::Eq(slope, hn::Zero(d)), hn::Eq(hn::Abs(scale), hn::Inf(d)));
  return hn::IfThenZeroElse(hn::Or(hn::Eq(scale, hn::Zero(d)), is_flat), hn::Mul(scale, slope));
}

/// g / sum; 0 where g is, even if the sum is NaN, and where the row was empty, and taken as
/// uniform.
template <class C>
HWY_INLINE C gradient_scale(C g, C sum) {
  return g == C(0) || sum == C(0) ? C(0) : g / sum;
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
    const V sum = load_up_to(d, from.row_sum + row, rows);
    const V inside = load_up_to(d, from.row_target + row, rows);
    const V g = load_strided(d, from.grad_value + row * from.grad_stride, from.grad_stride, rows);
    const auto dropped = hn::Or(hn::Eq(g, hn::Zero(d)), hn::Eq(sum, hn::Zero(d)));
    const V scale = hn::IfThenZeroElse(dropped, hn::Div(g, sum));
    for (int64_t c = 0; c < input.classes; ++c) {
      C* at = tiles.y_pred.lanes + c * lanes;
      const V t = targets.of_class(d, hn::Load(d, tiles.y_true.lanes + c * lanes), c);
      hn::Store(gradient(d, hn::Load(d, at), t, sum, inside, scale), d, at);
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
    const T* p = input.y_pred + row * input.classes;
    const T* y_true = input.y_true + row * input.classes;
    T* to = grad + row * input.classes;
    const C scale = gradient_scale(from.grad_value[row * from.grad_stride], from.row_sum[row]);
    if (scale == C(0)) {
      std::fill(to, to + input.classes, T{});
      continue;
    }
    const V sum = hn::Set(d, from.row_sum[row]);
    const V inside = hn::Set(d, from.row_target[row]);
    for_each_vector(0, input.classes, lanes, [&](int64_t c, int64_t) HWY_ATTR {
      const V t = targets.of_classes(d, load(d, y_true + c), c);
      store(d, gradient(d, load(d, p + c), t, sum, inside, hn::Set(d, scale)), to + c);
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
  HWY_ALIGN C sum[kDenseStripRows] = {};
  HWY_ALIGN C inside[kDenseStripRows] = {};
  HWY_ALIGN C scale[kDenseStripRows] = {};
  for_each_strip(
      d, AxisLayout::contiguous(input.classes, input.inner), begin, end,
      [&](int64_t i, int64_t row) {
        sum[i] = from.row_sum[row];
        inside[i] = from.row_target[row];
        scale[i] = gradient_scale(from.grad_value[row * from.grad_stride], sum[i]);
      },
      [&](int64_t c, int64_t i, int64_t at, int64_t n) HWY_ATTR {
        const V t = targets.of_class(d, load_up_to(d, input.y_true + at, n), c);
        const V p = load_up_to(d, input.y_pred + at, n);
        const V result = gradient(d, p, t, hn::Load(d, sum + i), hn::Load(d, inside + i),
                                  hn::Load(d, scale + i));
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
#define ASSAY_DEFINE(T, Name)                                                             \
  void Forward##Name(const DenseCrossentropyInput<T>& input, int64_t begin, int64_t end,  \
                     Compute<T>* value, Compute<T>* row_sum, Compute<T>* row_target) {    \
    forward(input, begin, end, {value, row_sum, row_target});                             \
  }                                                                                       \
  void Backward##Name(const DenseCrossentropyInput<T>& input, int64_t begin, int64_t end, \
                      const Compute<T>* row_sum, const Compute<T>* row_target,            \
                      const Compute<T>* grad_value, int64_t grad_stride, T* grad) {       \
    backward(input, begin, end, {row_sum, row_target, grad_value, grad_stride}, grad);    \
  }
ASSAY_FOR_EACH_SCALAR(ASSAY_DEFINE)
#undef ASSAY_DEFINE

}  // namespace
}  // namespace assay::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::kernels::cpu {

#define ASSAY_EXPORT(T, Name)                                                                   \
  HWY_EXPORT(Forward##Name);                                                                    \
  HWY_EXPORT(Backward##Name);                                                                   \
  template <>                                                                                   \
  void dense_probability_crossentropy_forward<T>(const DenseCrossentropyInput<T>& input,        \
                                                 int64_t begin, int64_t end, Compute<T>* value, \
                                                 Compute<T>* row_sum, Compute<T>* row_target) { \
    HWY_DYNAMIC_DISPATCH(Forward##Name)(input, begin, end, value, row_sum, row_target);         \
  }                                                                                             \
  template <>                                                                                   \
  void dense_probability_crossentropy_backward<T>(                                              \
      const DenseCrossentropyInput<T>& input, int64_t begin, int64_t end,                       \
      const Compute<T>* row_sum, const Compute<T>* row_target, const Compute<T>* grad_value,    \
      int64_t grad_stride, T* grad) {                                                           \
    HWY_DYNAMIC_DISPATCH(Backward##Name)                                                        \
    (input, begin, end, row_sum, row_target, grad_value, grad_stride, grad);                    \
  }
ASSAY_FOR_EACH_SCALAR(ASSAY_EXPORT)
#undef ASSAY_EXPORT

}  // namespace assay::kernels::cpu
#endif  // HWY_ONCE
