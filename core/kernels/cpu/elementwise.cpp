// SPDX-License-Identifier: Apache-2.0
#include <assay/core/kernels/cpu/elementwise.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "assay/core/kernels/cpu/elementwise.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h, which includes this file once for each target.
#include <assay/core/kernels/cpu/doubles-inl.h>
#include <assay/core/kernels/cpu/elementwise_binary-inl.h>
#include <assay/core/kernels/cpu/elementwise_regression-inl.h>
#include <assay/core/kernels/cpu/simd_io-inl.h>
#include <assay/core/kernels/cpu/tile-inl.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace assay::kernels::cpu::HWY_NAMESPACE {
namespace {  // other kernels have functions of the same names

namespace hn = hwy::HWY_NAMESPACE;

/// Elements that are taken at once, in vectors: what is known of them stays in the first-level
/// cache.
constexpr int64_t kBlockVectors = 128;

/// The values or the derivatives of n neighbouring elements, or the values' sum. The only code made
/// for each functor: what is done with the numbers is made once for each type.
template <class T>
struct Maps {
  using Values = void (*)(const ElementwiseOptions& options, const T* y_true, const T* y_pred,
                          int64_t n, double* out);
  using Slopes = void (*)(const ElementwiseOptions& options, const T* y_true, const T* y_pred,
                          int64_t n, Compute<T>* out);
  /// sums[row] += the row's values; with g times their derivatives, where `grad` is not null.
  using Sums = void (*)(const ElementwiseOptions& options, const T* y_true, const T* y_pred,
                        int64_t rows, int64_t n, double* sums, Compute<T> g, T* grad);
  Values values;
  Slopes slopes;
  Sums sums;
};

/// Calls function(t, p, i, n) for the vectors of n elements, of which the last may have fewer.
template <class T, class Function>
HWY_INLINE void for_each_vector(const T* y_true, const T* y_pred, int64_t n,
                                const Function& function) {
  const hn::ScalableTag<Compute<T>> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) function(load(d, y_true + i), load(d, y_pred + i), i, lanes);
  if (i < n) {
    const auto left = static_cast<size_t>(n - i);
    function(load_n(d, y_true + i, left), load_n(d, y_pred + i, left), i, n - i);
  }
}

template <class Functor, class D, class V = hn::Vec<D>>
HWY_INLINE void store_value(const Functor& functor, D d, V t, V p, double* to) {
  if constexpr (requires { functor.store_value(d, t, p, to); }) {
    functor.store_value(d, t, p, to);
  } else if constexpr (requires { Functor::kInDouble; }) {
    for_each_part(
        d,
        [&](auto wide, size_t lane, auto t2, auto p2)
            HWY_ATTR { hn::Store(functor.value(wide, t2, p2), wide, to + lane); },
        t, p);
  } else {
    for_each_part(
        d, [&](auto wide, size_t lane, auto x) HWY_ATTR { hn::Store(x, wide, to + lane); },
        functor.value(d, t, p));
  }
}

template <class Functor, class T>
void map_values(const ElementwiseOptions& options, const T* y_true, const T* y_pred, int64_t n,
                double* out) {
  const hn::ScalableTag<Compute<T>> d;
  const Functor functor(options);
  for_each_vector(y_true, y_pred, n, [&](auto t, auto p, int64_t i, int64_t) HWY_ATTR {
    store_value(functor, d, t, p, out + i);
  });
}

template <class Functor, class T>
void map_slopes(const ElementwiseOptions& options, const T* y_true, const T* y_pred, int64_t n,
                Compute<T>* out) {
  const hn::ScalableTag<Compute<T>> d;
  const Functor functor(options);
  for_each_vector(y_true, y_pred, n, [&](auto t, auto p, int64_t i, int64_t) HWY_ATTR {
    hn::Store(functor.grad(d, t, p), d, out + i);
  });
}

/// Sums in doubles, a part of the vectors of D each.
template <class D>
struct PartialSums {
  static constexpr size_t kParts = hn::MaxLanes(D()) / hn::MaxLanes(Doubles());
  using V = hn::Vec<Doubles>;
  V of[kParts];

  explicit PartialSums(double start) {
    for (V& part : of) part = hn::Set(Doubles(), start);
  }
  HWY_INLINE V& at(size_t lane) { return of[lane / hn::Lanes(Doubles())]; }
  HWY_INLINE double total() const {
    V sum = of[0];
    for (size_t i = 1; i < kParts; ++i) sum = hn::Add(sum, of[i]);
    return hn::GetLane(hn::SumOfLanes(Doubles(), sum));
  }
};

/// The sum of a row of whole vectors.
template <class Functor, class T>
HWY_INLINE double sum_values(const Functor& functor, const T* y_true, const T* y_pred, int64_t n,
                             Compute<T> g, T* grad) {
  const hn::ScalableTag<Compute<T>> d;
  const Doubles wide;
  PartialSums<decltype(d)> sums(0.0);
  HWY_ALIGN double values[hn::MaxLanes(d)];
  for_each_vector(y_true, y_pred, n, [&](auto t, auto p, int64_t i, int64_t) HWY_ATTR {
    store_value(functor, d, t, p, values);
    for (size_t lane = 0; lane < hn::Lanes(d); lane += hn::Lanes(wide)) {
      sums.at(lane) = hn::Add(sums.at(lane), hn::Load(wide, values + lane));
    }
    if (grad != nullptr) store(d, hn::Mul(functor.grad(d, t, p), hn::Set(d, g)), grad + i);
  });
  return sums.total();
}

/// As sum_values, for functors with a product, or NaN where a label is neither 0 nor 1.
template <class Functor, class T>
HWY_INLINE double sum_product(const Functor& functor, const T* y_true, const T* y_pred, int64_t n,
                              Compute<T> g, T* grad) {
  const hn::ScalableTag<Compute<T>> d;
  using V = hn::Vec<decltype(d)>;
  const Doubles wide;
  const auto one = hn::Set(wide, 1.0);
  // Chances of 1e-7 each: their product is a normal number.
  const int64_t step = 32 * static_cast<int64_t>(hn::Lanes(d));
  double sum = 0.0;
  V between = hn::Zero(d);  // the sum of |t (1 - t)|, not 0 where a label is in between or NaN
  for (int64_t first = 0; first < n; first += step) {
    PartialSums<decltype(d)> products(1.0);
    const auto add = [&](auto t, auto p, int64_t i, int64_t) HWY_ATTR {
      between = hn::Add(between, hn::Abs(hn::NegMulAdd(t, t, t)));
      for_each_part(
          d,
          [&](auto, size_t lane, auto t2, auto q) HWY_ATTR {
            const auto own = hn::IfThenElse(hn::Eq(t2, one), q, hn::Sub(one, q));
            products.at(lane) = hn::Mul(products.at(lane), own);
          },
          t, functor.clipped_one(d, p));
      if (grad != nullptr) {
        store(d, hn::Mul(functor.grad(d, t, p), hn::Set(d, g)), grad + first + i);
      }
    };
    for_each_vector(y_true + first, y_pred + first, std::min(step, n - first), add);
    for (auto& part : products.of) part = log_normal(wide, part);
    sum -= products.total();
  }
  const bool is_plain = hn::AllTrue(d, hn::Eq(between, hn::Zero(d)));
  return is_plain ? sum : std::numeric_limits<double>::quiet_NaN();
}

/// Of the factors 1 + a and 1 + b the product, less 1.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V product_less_one(D d, V a, V b) {
  return hn::MulAdd(b, hn::Add(a, hn::Set(d, 1.0)), a);
}

/// Rows' products of all 1 + u, less 1, whose logarithms are taken some at a time.
class Products {
 public:
  /// Elements of one product: as many factors of 2 are far below the largest number.
  static constexpr int64_t kElements = 512;

  explicit Products(double* sums) : sums_(sums) {}

  /// Adds the product's logarithm to the row's sum, at the latest in finish().
  template <class D>
  HWY_INLINE void add(int64_t row, const PartialSums<D>& less_one) {
    const Doubles d;
    auto product = less_one.of[0];
    for (size_t i = 1; i < less_one.kParts; ++i) {
      product = product_less_one(d, product, less_one.of[i]);
    }
    hn::Store(product, d, lanes_ + size_ * hn::Lanes(d));
    rows_[size_++] = row;
    if (size_ == hn::Lanes(d)) finish();
  }

  HWY_INLINE void finish() {
    const Doubles d;
    const auto lanes = static_cast<int64_t>(hn::Lanes(d));
    TileStorage<Doubles> tile;
    read_tile(d, lanes_, AxisLayout::contiguous(lanes), lanes, lanes, tile.lanes);
    auto product = hn::Load(d, tile.lanes);
    for (int64_t i = 1; i < lanes; ++i) {
      product = product_less_one(d, product, hn::Load(d, tile.lanes + i * lanes));
    }
    HWY_ALIGN double logs[kMost];
    hn::Store(log1p(d, product), d, logs);
    for (size_t i = 0; i < size_; ++i) sums_[rows_[i]] += logs[i];
    size_ = 0;
  }

 private:
  static constexpr size_t kMost = hn::MaxLanes(Doubles());
  HWY_ALIGN double lanes_[kMost * kMost] = {};  // of each product those of each lane
  int64_t rows_[kMost] = {};
  size_t size_ = 0;
  double* sums_;
};

/// Vectors whose terms are computed before anything is made of them. One vector after the other,
/// each waits for its own results, and the processor does not see far enough ahead to go on with
/// the next meanwhile.
constexpr int64_t kTermVectors = 8;

/// Adds n elements, at most kTermVectors vectors, to a piece's sums and products.
template <class Functor, class T, class D>
HWY_INLINE void add_vectors(const Functor& functor, D d, const T* y_true, const T* y_pred,
                            int64_t n, PartialSums<D>& rests, PartialSums<D>& less_one,
                            Compute<T> g, T* grad) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  decltype(functor.terms(d, hn::Zero(d), hn::Zero(d))) terms[kTermVectors];
  for_each_vector(y_true, y_pred, n, [&](auto t, auto p, int64_t i, int64_t) HWY_ATTR {
    terms[i / lanes] = functor.terms(d, t, p);
  });
  for (int64_t i = 0; i < n / lanes; ++i) {
    for_each_part(
        d,
        [&](auto wide, size_t lane, auto u, auto rest) HWY_ATTR {
          rests.at(lane) = hn::Add(rests.at(lane), rest);
          less_one.at(lane) = product_less_one(wide, u, less_one.at(lane));
        },
        terms[i].u, terms[i].rest);
  }
  if (grad == nullptr) return;
  for_each_vector(y_true, y_pred, n, [&](auto t, auto p, int64_t i, int64_t) HWY_ATTR {
    store(d, hn::Mul(functor.grad(d, t, p, terms[i / lanes]), hn::Set(d, g)), grad + i);
  });
}

/// The sums of rows of `stride` elements, of which n are whole vectors, for functors with terms.
template <class Functor, class T>
HWY_INLINE void add_terms(const Functor& functor, const T* y_true, const T* y_pred, int64_t rows,
                          int64_t stride, int64_t n, double* sums, Compute<T> g, T* grad) {
  using D = hn::ScalableTag<Compute<T>>;
  const D d;
  const int64_t step = kTermVectors * static_cast<int64_t>(hn::Lanes(d));
  Products products(sums);
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t first = 0; first < n; first += Products::kElements) {
      const int64_t end = std::min(first + Products::kElements, n);
      PartialSums<D> rests(0.0);
      PartialSums<D> less_one(0.0);
      for (int64_t i = first; i < end; i += step) {
        const int64_t at = row * stride + i;
        add_vectors(functor, d, y_true + at, y_pred + at, std::min(step, end - i), rests, less_one,
                    g, grad == nullptr ? nullptr : grad + at);
      }
      sums[row] += rests.total();
      products.add(row, less_one);
    }
  }
  products.finish();
}

template <class Functor, class T>
void map_sums(const ElementwiseOptions& options, const T* y_true, const T* y_pred, int64_t rows,
              int64_t n, double* sums, Compute<T> g, T* grad) {
  const hn::ScalableTag<Compute<T>> d;
  const Functor functor(options);
  const int64_t whole = n - n % static_cast<int64_t>(hn::Lanes(d));
  bool has_terms = false;
  if constexpr (requires { functor.has_terms(); }) {
    has_terms = functor.has_terms();
    if (has_terms) add_terms(functor, y_true, y_pred, rows, n, whole, sums, g, grad);
  }
  for (int64_t row = 0; row < rows; ++row) {
    const T* t_row = y_true + row * n;
    const T* p_row = y_pred + row * n;
    T* grad_row = grad == nullptr ? nullptr : grad + row * n;
    if (!has_terms) {
      double sum = std::numeric_limits<double>::quiet_NaN();
      if constexpr (requires { functor.has_product(); }) {
        if (functor.has_product()) sum = sum_product(functor, t_row, p_row, whole, g, grad_row);
      }
      if (std::isnan(sum)) sum = sum_values(functor, t_row, p_row, whole, g, grad_row);
      sums[row] += sum;
    }
    if (whole == n) continue;
    HWY_ALIGN double values[hn::MaxLanes(d)];
    const auto add = [&](auto t, auto p, int64_t, int64_t left) HWY_ATTR {
      store_value(functor, d, t, p, values);
      for (int64_t i = 0; i < left; ++i) sums[row] += values[i];
      if (grad != nullptr) {
        const auto slope = hn::Mul(functor.grad(d, t, p), hn::Set(d, g));
        store_n(d, slope, grad_row + whole, static_cast<size_t>(left));
      }
    };
    for_each_vector(t_row + whole, p_row + whole, n - whole, add);
  }
}

template <class T>
Maps<T> maps_of(Elementwise loss, bool from_logits) {
  switch (loss) {
#define ASSAY_MAPS(Functor) \
  { map_values<Functor, T>, map_slopes<Functor, T>, map_sums<Functor, T> }
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

/// Rows shorter than this are taken many at a time.
constexpr int64_t kLongRow = kTileClasses + 1;

template <class D, class C = hn::TFromD<D>>
struct Block {
  HWY_ALIGN C numbers[kBlockVectors * hn::MaxLanes(D())];
};

/// to = g slope, and 0 where g is 0 whatever the slope.
template <class D, class T, class V = hn::Vec<D>>
HWY_INLINE void store_grad(D d, V slope, V g, T* to, int64_t n) {
  const V grad = hn::IfThenZeroElse(hn::Eq(g, hn::Zero(d)), hn::Mul(slope, g));
  store_up_to(d, grad, to, n);
}

/// to = g slopes, of a g that is not 0.
template <class D, class T, class C = hn::TFromD<D>>
HWY_INLINE void store_grads(D d, const C* slopes, C g, T* to, int64_t n) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t i = 0; i < n; i += lanes) {
    const auto slope = hn::Load(d, slopes + i);
    store_up_to(d, hn::Mul(slope, hn::Set(d, g)), to + i, std::min(lanes, n - i));
  }
}

template <class T>
void forward_long_rows(const ElementwiseInput<T>& input, const Maps<T>& maps, int64_t begin,
                       int64_t end, Compute<T>* value, Compute<T> g, T* grad) {
  constexpr int64_t kRows = 32;
  for (int64_t first = begin; first < end; first += kRows) {
    const int64_t rows = std::min(kRows, end - first);
    const int64_t at = first * input.inner;
    double sums[kRows] = {};
    maps.sums(input.options, input.y_true + at, input.y_pred + at, rows, input.inner, sums, g,
              grad == nullptr ? nullptr : grad + at);
    for (int64_t i = 0; i < rows; ++i) {
      value[first + i] = static_cast<Compute<T>>(sums[i] / input.divisor);
    }
  }
}

/// The sums over the rows of a tile, divided, a row a lane, rounded once.
template <class C>
HWY_INLINE void store_quotients(const double* tile, int64_t inner, double divisor, int64_t rows,
                                C* value) {
  const Doubles d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  auto sum = hn::Zero(d);
  for (int64_t i = 0; i < inner; ++i) sum = hn::Add(sum, hn::Load(d, tile + i * lanes));
  HWY_ALIGN double quotients[hn::MaxLanes(d)];
  hn::Store(hn::Div(sum, hn::Set(d, divisor)), d, quotients);
  // Not hn::DemoteTo, which makes infinity the largest number on some targets.
  for (int64_t i = 0; i < rows; ++i) value[i] = static_cast<C>(quotients[i]);
}

template <class T>
void forward_short_rows(const ElementwiseInput<T>& input, const Maps<T>& maps, int64_t begin,
                        int64_t end, Compute<T>* value, Compute<T> g, T* grad) {
  using C = Compute<T>;
  const hn::ScalableTag<C> d;
  const Doubles wide;
  const auto lanes = static_cast<int64_t>(hn::Lanes(wide));
  const int64_t inner = input.inner;
  const int64_t step = kBlockVectors / inner * static_cast<int64_t>(hn::Lanes(d));
  Block<decltype(d)> slopes;
  Block<decltype(d), double> values;
  TileStorage<decltype(wide)> tile;
  for (int64_t first = begin; first < end; first += step) {
    const int64_t rows = std::min(step, end - first);
    const T* y_true = input.y_true + first * inner;
    const T* y_pred = input.y_pred + first * inner;
    maps.values(input.options, y_true, y_pred, rows * inner, values.numbers);
    if (inner == 1) {  // and so is the divisor
      for (int64_t i = 0; i < rows; ++i) value[first + i] = static_cast<C>(values.numbers[i]);
    }
    for (int64_t i = 0; inner > 1 && i < rows; i += lanes) {
      const int64_t n = std::min(lanes, rows - i);
      const double* from = values.numbers + i * inner;
      read_tile(wide, from, AxisLayout::contiguous(inner), inner, n, tile.lanes);
      store_quotients(tile.lanes, inner, input.divisor, n, value + first + i);
    }
    if (grad != nullptr) {
      maps.slopes(input.options, y_true, y_pred, rows * inner, slopes.numbers);
      store_grads(d, slopes.numbers, g, grad + first * inner, rows * inner);
    }
  }
}

template <class T>
void backward_long_rows(const ElementwiseInput<T>& input, const Maps<T>& maps, int64_t begin,
                        int64_t end, const Compute<T>* grad_value, int64_t grad_stride, T* grad) {
  using C = Compute<T>;
  const hn::ScalableTag<C> d;
  const int64_t step = kBlockVectors * static_cast<int64_t>(hn::Lanes(d));
  Block<decltype(d)> slopes;
  for (int64_t row = begin; row < end; ++row) {
    const C g = grad_value[row * grad_stride] / static_cast<C>(input.divisor);
    if (g == C(0)) {
      std::fill_n(grad + row * input.inner, input.inner, T{});
      continue;
    }
    for (int64_t first = 0; first < input.inner; first += step) {
      const int64_t n = std::min(step, input.inner - first);
      const int64_t at = row * input.inner + first;
      maps.slopes(input.options, input.y_true + at, input.y_pred + at, n, slopes.numbers);
      store_grads(d, slopes.numbers, g, grad + at, n);
    }
  }
}

template <class T>
void backward_short_rows(const ElementwiseInput<T>& input, const Maps<T>& maps, int64_t begin,
                         int64_t end, const Compute<T>* grad_value, int64_t grad_stride, T* grad) {
  using C = Compute<T>;
  const hn::ScalableTag<C> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto divisor = static_cast<C>(input.divisor);
  const int64_t inner = input.inner;
  const int64_t step = kBlockVectors / inner * lanes;
  Block<decltype(d)> slopes;
  // Each row's output gradient, once for each of its elements; the last row may write past its end.
  HWY_ALIGN C g[kBlockVectors * hn::MaxLanes(d) + kTileClasses * 2];
  if (grad_stride == 0) {
    std::fill(g, g + std::min(step, end - begin) * inner + lanes, grad_value[0] / divisor);
  }
  for (int64_t first = begin; first < end; first += step) {
    const int64_t rows = std::min(step, end - first);
    const int64_t at = first * inner;
    maps.slopes(input.options, input.y_true + at, input.y_pred + at, rows * inner, slopes.numbers);
    if (grad_stride != 0) {
      for (int64_t row = 0; row < rows; ++row) {
        const auto row_g = hn::Set(d, grad_value[(first + row) * grad_stride] / divisor);
        for (int64_t i = 0; i < inner; i += lanes) hn::StoreU(row_g, d, g + row * inner + i);
      }
    }
    for (int64_t i = 0; i < rows * inner; i += lanes) {
      store_grad(d, hn::Load(d, slopes.numbers + i), hn::Load(d, g + i), grad + at + i,
                 std::min(lanes, rows * inner - i));
    }
  }
}

template <class T>
HWY_INLINE void forward(const ElementwiseInput<T>& input, int64_t begin, int64_t end,
                        Compute<T>* value, Compute<T> grad_value, T* grad) {
  const Maps<T> maps = maps_of<T>(input.loss, input.options.from_logits);
  const Compute<T> g = grad_value / static_cast<Compute<T>>(input.divisor);
  if (input.inner == 0) {
    std::fill(value + begin, value + end, Compute<T>(0));
  } else if (input.inner < kLongRow) {
    forward_short_rows(input, maps, begin, end, value, g, grad);
  } else {
    forward_long_rows(input, maps, begin, end, value, g, grad);
  }
}

template <class T>
HWY_INLINE double sum_of(const ElementwiseInput<T>& input, int64_t first, int64_t n,
                         Compute<T> grad_value, T* grad) {
  const Maps<T> maps = maps_of<T>(input.loss, input.options.from_logits);
  double sum = 0.0;
  maps.sums(input.options, input.y_true + first, input.y_pred + first, 1, n, &sum,
            grad_value / static_cast<Compute<T>>(input.divisor),
            grad == nullptr ? nullptr : grad + first);
  return sum;
}

template <class T>
HWY_INLINE void backward(const ElementwiseInput<T>& input, int64_t begin, int64_t end,
                         const Compute<T>* grad_value, int64_t grad_stride, T* grad) {
  const Maps<T> maps = maps_of<T>(input.loss, input.options.from_logits);
  if (input.inner == 0) return;
  if (input.inner < kLongRow) {
    backward_short_rows(input, maps, begin, end, grad_value, grad_stride, grad);
  } else {
    backward_long_rows(input, maps, begin, end, grad_value, grad_stride, grad);
  }
}

// Highway exports functions, not templates.
#define ASSAY_DEFINE(T, Name)                                                       \
  void Forward##Name(const ElementwiseInput<T>& input, int64_t begin, int64_t end,  \
                     Compute<T>* value, Compute<T> grad_value, T* grad) {           \
    forward(input, begin, end, value, grad_value, grad);                            \
  }                                                                                 \
  double Sum##Name(const ElementwiseInput<T>& input, int64_t first, int64_t n,      \
                   Compute<T> grad_value, T* grad) {                                \
    return sum_of(input, first, n, grad_value, grad);                               \
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
  HWY_EXPORT(Sum##Name);                                                                     \
  HWY_EXPORT(Backward##Name);                                                                \
  template <>                                                                                \
  void elementwise_forward<T>(const ElementwiseInput<T>& input, int64_t begin, int64_t end,  \
                              Compute<T>* value, Compute<T> grad_value, T* grad) {           \
    HWY_DYNAMIC_DISPATCH(Forward##Name)(input, begin, end, value, grad_value, grad);         \
  }                                                                                          \
  template <>                                                                                \
  double elementwise_sum<T>(const ElementwiseInput<T>& input, int64_t first, int64_t n,      \
                            Compute<T> grad_value, T* grad) {                                \
    return HWY_DYNAMIC_DISPATCH(Sum##Name)(input, first, n, grad_value, grad);               \
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
