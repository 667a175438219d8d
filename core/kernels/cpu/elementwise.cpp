// SPDX-License-Identifier: Apache-2.0
#include <assay/core/kernels/cpu/elementwise.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "assay/core/kernels/cpu/elementwise.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h, which includes this file once for each target.
#include <assay/core/kernels/cpu/elementwise_binary-inl.h>
#include <assay/core/kernels/cpu/elementwise_regression-inl.h>
#include <assay/core/kernels/cpu/simd_io-inl.h>
#include <assay/core/kernels/cpu/tile-inl.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace assay::kernels::cpu::HWY_NAMESPACE {
namespace {  // other kernels have functions of the same names

namespace hn = hwy::HWY_NAMESPACE;

/// f or its derivative of n neighbouring elements. The only code made for each functor: what is
/// done with the numbers, which stay in the first-level cache, is made once for each type.
template <class T>
using Map = void (*)(const ElementwiseOptions& options, const T* y_true, const T* y_pred, int64_t n,
                     Compute<T>* out);

template <class T>
struct Maps {
  Map<T> value;
  Map<T> grad;
};

template <class T, class Function>
HWY_INLINE void map(const T* y_true, const T* y_pred, int64_t n, Compute<T>* out,
                    const Function& function) {
  const hn::ScalableTag<Compute<T>> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    hn::StoreU(function(d, load(d, y_true + i), load(d, y_pred + i)), d, out + i);
  }
  if (i < n) {
    const auto left = static_cast<size_t>(n - i);
    const auto result = function(d, load_n(d, y_true + i, left), load_n(d, y_pred + i, left));
    store_n(d, result, out + i, left);
  }
}

template <class Functor, class T>
void map_values(const ElementwiseOptions& options, const T* y_true, const T* y_pred, int64_t n,
                Compute<T>* out) {
  const Functor functor(options);
  map(y_true, y_pred, n, out,
      [&](auto d, auto t, auto p) HWY_ATTR { return functor.value(d, t, p); });
}

template <class Functor, class T>
void map_grads(const ElementwiseOptions& options, const T* y_true, const T* y_pred, int64_t n,
               Compute<T>* out) {
  const Functor functor(options);
  map(y_true, y_pred, n, out,
      [&](auto d, auto t, auto p) HWY_ATTR { return functor.grad(d, t, p); });
}

template <class T>
Maps<T> maps_of(Elementwise loss, bool from_logits) {
  switch (loss) {
#define ASSAY_MAPS(Functor) \
  { map_values<Functor, T>, map_grads<Functor, T> }
    case Elementwise::kSquaredError:
      return ASSAY_MAPS(SquaredError);
    case Elementwise::kAbsoluteError:
      return ASSAY_MAPS(AbsoluteError);
    case Elementwise::kAbsolutePercentageError:
      return ASSAY_MAPS(AbsolutePercentageError);
    case Elementwise::kSquaredLogarithmicError:
      return ASSAY_MAPS(SquaredLogarithmicError);
    case Elementwise::kHuber:
      return ASSAY_MAPS(Huber);
    case Elementwise::kLogCosh:
      return ASSAY_MAPS(LogCosh);
    case Elementwise::kQuantile:
      return ASSAY_MAPS(Quantile);
    case Elementwise::kPoisson:
      return ASSAY_MAPS(Poisson);
    case Elementwise::kKullbackLeibler:
      return ASSAY_MAPS(KullbackLeibler);
    case Elementwise::kHinge:
      return ASSAY_MAPS(Hinge);
    case Elementwise::kSquaredHinge:
      return ASSAY_MAPS(SquaredHinge);
    case Elementwise::kBinaryCrossentropy:
      if (from_logits) return ASSAY_MAPS(BinaryCrossentropyFromLogits);
      return ASSAY_MAPS(BinaryCrossentropy);
    case Elementwise::kBinaryFocalCrossentropy:
      if (from_logits) return ASSAY_MAPS(BinaryFocalCrossentropyFromLogits);
      return ASSAY_MAPS(BinaryFocalCrossentropy);
#undef ASSAY_MAPS
  }
  return {};
}

/// Elements that a map takes at once, in vectors. A sum keeps that many, over its four
/// accumulators, in the type computed in before it goes to a double.
constexpr int64_t kBlockVectors = 128;

/// Rows shorter than this are taken many at a time.
constexpr int64_t kLongRow = kTileClasses + 1;

template <class D>
struct Block {
  HWY_ALIGN hn::TFromD<D> numbers[kBlockVectors * hn::MaxLanes(D())];
};

template <class D, class C = hn::TFromD<D>>
HWY_INLINE double sum_block(D d, const C* x, int64_t n) {
  using V = hn::Vec<D>;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  V sum0 = hn::Zero(d);
  V sum1 = hn::Zero(d);
  V sum2 = hn::Zero(d);
  V sum3 = hn::Zero(d);
  int64_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    sum0 = hn::Add(sum0, hn::Load(d, x + i));
    sum1 = hn::Add(sum1, hn::Load(d, x + i + lanes));
    sum2 = hn::Add(sum2, hn::Load(d, x + i + 2 * lanes));
    sum3 = hn::Add(sum3, hn::Load(d, x + i + 3 * lanes));
  }
  for (; i + lanes <= n; i += lanes) sum0 = hn::Add(sum0, hn::Load(d, x + i));
  if (i < n) sum1 = hn::Add(sum1, load_n(d, x + i, static_cast<size_t>(n - i)));
  return hn::GetLane(hn::SumOfLanes(d, hn::Add(hn::Add(sum0, sum1), hn::Add(sum2, sum3))));
}

template <class T>
void forward_long_rows(const ElementwiseInput<T>& input, Map<T> values, int64_t begin, int64_t end,
                       Compute<T>* value) {
  const hn::ScalableTag<Compute<T>> d;
  const int64_t step = kBlockVectors * static_cast<int64_t>(hn::Lanes(d));
  Block<decltype(d)> block;
  for (int64_t row = begin; row < end; ++row) {
    double sum = 0.0;
    for (int64_t first = 0; first < input.inner; first += step) {
      const int64_t n = std::min(step, input.inner - first);
      const int64_t at = row * input.inner + first;
      values(input.options, input.y_true + at, input.y_pred + at, n, block.numbers);
      sum += sum_block(d, block.numbers, n);
    }
    value[row] = static_cast<Compute<T>>(sum / input.divisor);
  }
}

/// The sums over the rows of a tile, divided, a row a lane. Floats are added and divided as
/// doubles, so that a value is rounded once.
template <class D, class C = hn::TFromD<D>>
HWY_INLINE hn::Vec<D> divided_sums(D d, const C* tile, int64_t inner, double divisor) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const hn::ScalableTag<double> wide;
  const hn::Rebind<C, decltype(wide)> part;
  HWY_ALIGN double quotients[hn::MaxLanes(D())];
  for (int64_t lane = 0; lane < lanes; lane += static_cast<int64_t>(hn::Lanes(wide))) {
    auto sum = hn::Zero(wide);
    for (int64_t i = 0; i < inner; ++i) {
      const auto x = hn::Load(part, tile + i * lanes + lane);
      if constexpr (sizeof(C) == 8) {
        sum = hn::Add(sum, x);
      } else {
        sum = hn::Add(sum, hn::PromoteTo(wide, x));
      }
    }
    hn::Store(hn::Div(sum, hn::Set(wide, divisor)), wide, quotients + lane);
  }
  // Not hn::DemoteTo, which makes infinity the largest number on some targets.
  HWY_ALIGN C results[hn::MaxLanes(D())];
  for (int64_t lane = 0; lane < lanes; ++lane) results[lane] = static_cast<C>(quotients[lane]);
  return hn::Load(d, results);
}

template <class T>
void forward_short_rows(const ElementwiseInput<T>& input, Map<T> values, int64_t begin, int64_t end,
                        Compute<T>* value) {
  using C = Compute<T>;
  const hn::ScalableTag<C> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const int64_t inner = input.inner;
  const int64_t step = kBlockVectors / inner * lanes;
  Block<decltype(d)> block;
  TileStorage<decltype(d)> tile;
  for (int64_t first = begin; first < end; first += step) {
    const int64_t rows = std::min(step, end - first);
    const int64_t at = first * inner;
    values(input.options, input.y_true + at, input.y_pred + at, rows * inner, block.numbers);
    for (int64_t i = 0; i < rows; i += lanes) {
      const int64_t n = std::min(lanes, rows - i);
      if (inner == 1) {  // and so is the divisor
        store_up_to(d, hn::Load(d, block.numbers + i), value + first + i, n);
        continue;
      }
      read_tile(d, block.numbers + i * inner, AxisLayout::contiguous(inner), inner, n, tile.lanes);
      store_up_to(d, divided_sums(d, tile.lanes, inner, input.divisor), value + first + i, n);
    }
  }
}

/// to = g slope, and 0 where g is 0 whatever the slope.
template <class D, class T, class V = hn::Vec<D>>
HWY_INLINE void store_grad(D d, V slope, V g, T* to, int64_t n) {
  const V grad = hn::IfThenZeroElse(hn::Eq(g, hn::Zero(d)), hn::Mul(slope, g));
  store_up_to(d, grad, to, n);
}

template <class T>
void backward_long_rows(const ElementwiseInput<T>& input, Map<T> grads, int64_t begin, int64_t end,
                        const Compute<T>* grad_value, int64_t grad_stride, T* grad) {
  using C = Compute<T>;
  const hn::ScalableTag<C> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const int64_t step = kBlockVectors * lanes;
  Block<decltype(d)> block;
  for (int64_t row = begin; row < end; ++row) {
    const C g = grad_value[row * grad_stride] / static_cast<C>(input.divisor);
    T* to = grad + row * input.inner;
    if (g == C(0)) {
      std::fill(to, to + input.inner, T{});
      continue;
    }
    for (int64_t first = 0; first < input.inner; first += step) {
      const int64_t n = std::min(step, input.inner - first);
      const int64_t at = row * input.inner + first;
      grads(input.options, input.y_true + at, input.y_pred + at, n, block.numbers);
      for (int64_t i = 0; i < n; i += lanes) {
        const auto slope = hn::Load(d, block.numbers + i);
        store_up_to(d, hn::Mul(slope, hn::Set(d, g)), to + first + i, std::min(lanes, n - i));
      }
    }
  }
}

template <class T>
void backward_short_rows(const ElementwiseInput<T>& input, Map<T> grads, int64_t begin, int64_t end,
                         const Compute<T>* grad_value, int64_t grad_stride, T* grad) {
  using C = Compute<T>;
  const hn::ScalableTag<C> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto divisor = static_cast<C>(input.divisor);
  const int64_t inner = input.inner;
  const int64_t step = kBlockVectors / inner * lanes;
  Block<decltype(d)> block;
  // Each row's output gradient, once for each of its elements; the last row may write past its end.
  HWY_ALIGN C g[kBlockVectors * hn::MaxLanes(d) + kTileClasses * 2];
  if (grad_stride == 0) {
    std::fill(g, g + std::min(step, end - begin) * inner + lanes, grad_value[0] / divisor);
  }
  for (int64_t first = begin; first < end; first += step) {
    const int64_t rows = std::min(step, end - first);
    const int64_t at = first * inner;
    grads(input.options, input.y_true + at, input.y_pred + at, rows * inner, block.numbers);
    if (grad_stride != 0) {
      for (int64_t row = 0; row < rows; ++row) {
        const auto row_g = hn::Set(d, grad_value[(first + row) * grad_stride] / divisor);
        for (int64_t i = 0; i < inner; i += lanes) hn::StoreU(row_g, d, g + row * inner + i);
      }
    }
    for (int64_t i = 0; i < rows * inner; i += lanes) {
      store_grad(d, hn::Load(d, block.numbers + i), hn::Load(d, g + i), grad + at + i,
                 std::min(lanes, rows * inner - i));
    }
  }
}

template <class T>
HWY_INLINE void forward(const ElementwiseInput<T>& input, int64_t begin, int64_t end,
                        Compute<T>* value) {
  const Map<T> values = maps_of<T>(input.loss, input.options.from_logits).value;
  if (input.inner == 0) {
    std::fill(value + begin, value + end, Compute<T>(0));
  } else if (input.inner < kLongRow) {
    forward_short_rows(input, values, begin, end, value);
  } else {
    forward_long_rows(input, values, begin, end, value);
  }
}

template <class T>
HWY_INLINE void backward(const ElementwiseInput<T>& input, int64_t begin, int64_t end,
                         const Compute<T>* grad_value, int64_t grad_stride, T* grad) {
  const Map<T> grads = maps_of<T>(input.loss, input.options.from_logits).grad;
  if (input.inner == 0) return;
  if (input.inner < kLongRow) {
    backward_short_rows(input, grads, begin, end, grad_value, grad_stride, grad);
  } else {
    backward_long_rows(input, grads, begin, end, grad_value, grad_stride, grad);
  }
}

// Highway exports functions, not templates.
#define ASSAY_DEFINE(T, Name)                                                       \
  void Forward##Name(const ElementwiseInput<T>& input, int64_t begin, int64_t end,  \
                     Compute<T>* value) {                                           \
    forward(input, begin, end, value);                                              \
  }                                                                                 \
  void Backward##Name(const ElementwiseInput<T>& input, int64_t begin, int64_t end, \
                      const Compute<T>* grad_value, int64_t grad_stride, T* grad) { \
    backward(input, begin, end, grad_value, grad_stride, grad);                     \
  }
ASSAY_FOR_EACH_SCALAR(ASSAY_DEFINE)
#undef ASSAY_DEFINE

}  // namespace
}  // namespace assay::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::kernels::cpu {

#define ASSAY_EXPORT(T, Name)                                                                \
  HWY_EXPORT(Forward##Name);                                                                 \
  HWY_EXPORT(Backward##Name);                                                                \
  template <>                                                                                \
  void elementwise_forward<T>(const ElementwiseInput<T>& input, int64_t begin, int64_t end,  \
                              Compute<T>* value) {                                           \
    HWY_DYNAMIC_DISPATCH(Forward##Name)(input, begin, end, value);                           \
  }                                                                                          \
  template <>                                                                                \
  void elementwise_backward<T>(const ElementwiseInput<T>& input, int64_t begin, int64_t end, \
                               const Compute<T>* grad_value, int64_t grad_stride, T* grad) { \
    HWY_DYNAMIC_DISPATCH(Backward##Name)(input, begin, end, grad_value, grad_stride, grad);  \
  }
ASSAY_FOR_EACH_SCALAR(ASSAY_EXPORT)
#undef ASSAY_EXPORT

}  // namespace assay::kernels::cpu
#endif  // HWY_ONCE
