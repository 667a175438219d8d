// SPDX-License-Identifier: Apache-2.0
#include <assay/core/kernels/cpu/class_hits.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "assay/core/kernels/cpu/class_hits.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h, which includes this file once for each target.
#include <assay/core/kernels/cpu/simd_io-inl.h>
#include <assay/core/kernels/cpu/tile-inl.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace assay::kernels::cpu::HWY_NAMESPACE {
namespace {  // other kernels have functions of the same names

namespace hn = hwy::HWY_NAMESPACE;

template <class T>
HWY_INLINE bool in_range(const ClassScores<T>& input, int64_t label) {
  return static_cast<uint64_t>(label) < static_cast<uint64_t>(input.layout.classes);
}

/// The labels of a tile's rows and their scores; a NaN where there is no class, 0 in the lanes past
/// the rows.
template <class D>
struct LabelScores {
  using C = hn::TFromD<D>;
  using Index = hwy::MakeSigned<C>;
  HWY_ALIGN Index label[hn::MaxLanes(D())] = {};
  HWY_ALIGN C score[hn::MaxLanes(D())] = {};

  /// Returns -1 or the first bad row.
  template <class T>
  HWY_INLINE int64_t read(const ClassScores<T>& input, const T* from, int64_t row, int64_t rows) {
    const int64_t row_stride = input.layout.inner == 1 ? input.layout.outer_stride : 1;
    for (int64_t i = 0; i < rows; ++i) {
      const int64_t l = input.labels[row + i];
      if (HWY_LIKELY(in_range(input, l))) {
        label[i] = static_cast<Index>(l);
        score[i] = to_compute(from[i * row_stride + l * input.layout.inner]);
      } else {
        if (l != kNoClass) return row + i;
        label[i] = 0;
        score[i] = std::numeric_limits<C>::quiet_NaN();
      }
    }
    return -1;
  }
};

/// Calls body(first class, classes, tile) for the tiles of `rows` rows from `from` on.
template <class D, class T, class Body>
HWY_INLINE void for_each_tile(D d, const T* from, const AxisLayout& layout, int64_t rows,
                              const Body& body) {
  TileStorage<D> tile;
  for (int64_t c = 0; c < layout.classes; c += kTileClasses) {
    const int64_t classes = std::min(kTileClasses, layout.classes - c);
    read_tile(d, from + c * layout.inner, layout, classes, rows, tile.lanes);
    body(c, classes, tile.lanes);
  }
}

template <class T>
HWY_INLINE int64_t argmax_tiles(const ClassScores<T>& input, int64_t begin, int64_t end,
                                float* hit) {
  using C = Compute<T>;
  const hn::ScalableTag<C> d;
  const hn::RebindToSigned<decltype(d)> di;
  using V = hn::Vec<decltype(d)>;
  using Index = hn::TFromD<decltype(di)>;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const V one = hn::Set(d, C(1));
  LabelScores<decltype(d)> labels;
  int64_t rows = 0;
  for (int64_t row = begin; row < end; row += rows) {
    rows = tile_rows(d, input.layout, row, end);
    const T* from = input.scores + input.layout.offset(row);
    const int64_t bad = labels.read(input, from, row, rows);
    if (bad >= 0) return bad;
    const V score = hn::Load(d, labels.score);
    const auto label = hn::Load(di, labels.label);
    V hits = one;
    for_each_tile(
        d, from, input.layout, rows, [&](int64_t c, int64_t classes, const C* tile) HWY_ATTR {
          for (int64_t k = 0; k < classes; ++k) {
            const V x = hn::Load(d, tile + k * lanes);
            const auto before_label =
                hn::RebindMask(d, hn::Gt(label, hn::Set(di, static_cast<Index>(c + k))));
            // False for NaN. A class before the label must be less, not equal.
            const auto loses = hn::Or(hn::Lt(x, score), hn::AndNot(before_label, hn::Eq(x, score)));
            hits = hn::IfThenElseZero(loses, hits);
          }
        });
    HWY_ALIGN C found[hn::MaxLanes(d)];
    hn::Store(hits, d, found);
    for (int64_t i = 0; i < rows; ++i) hit[row + i] = static_cast<float>(found[i]);
  }
  return -1;
}

template <class T>
HWY_INLINE int64_t top_k_tiles(const ClassScores<T>& input, int64_t k, int64_t begin, int64_t end,
                               float* hit) {
  using C = Compute<T>;
  const hn::ScalableTag<C> d;
  using V = hn::Vec<decltype(d)>;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const V one = hn::Set(d, C(1));
  // Counted in the type computed in: k beyond what a float counts exactly needs as many classes.
  const V limit = hn::Set(d, static_cast<C>(k));
  LabelScores<decltype(d)> labels;
  int64_t rows = 0;
  for (int64_t row = begin; row < end; row += rows) {
    rows = tile_rows(d, input.layout, row, end);
    const T* from = input.scores + input.layout.offset(row);
    const int64_t bad = labels.read(input, from, row, rows);
    if (bad >= 0) return bad;
    const V score = hn::Load(d, labels.score);
    V greater = hn::Zero(d);
    V ordered = hn::IfThenElseZero(hn::Eq(score, score), one);
    for_each_tile(d, from, input.layout, rows,
                  [&](int64_t, int64_t classes, const C* tile) HWY_ATTR {
                    for (int64_t c = 0; c < classes; ++c) {
                      const V x = hn::Load(d, tile + c * lanes);
                      greater = hn::Add(greater, hn::IfThenElseZero(hn::Gt(x, score), one));
                      ordered = hn::IfThenElseZero(hn::Eq(x, x), ordered);
                    }
                  });
    HWY_ALIGN C found[hn::MaxLanes(d)];
    hn::Store(hn::IfThenElseZero(hn::Lt(greater, limit), ordered), d, found);
    for (int64_t i = 0; i < rows; ++i) hit[row + i] = static_cast<float>(found[i]);
  }
  return -1;
}

/// Whether every one of n scores, at least a vector, passes. Stops at the first that does not.
template <class D, class T, class Test>
HWY_INLINE bool all_pass(D d, const T* x, int64_t n, const Test& passes) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    if (!hn::AllTrue(d, passes(load(d, x + i)))) return false;
  }
  // Some of them twice.
  return i == n || hn::AllTrue(d, passes(load(d, x + n - lanes)));
}

/// The same for any n.
template <class D, class T, class Test>
HWY_INLINE bool all_pass_or_none(D d, const T* x, int64_t n, const Test& passes) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  if (n >= lanes) return all_pass(d, x, n, passes);
  if (n == 0) return true;
  const auto beyond = hn::Not(hn::FirstN(d, static_cast<size_t>(n)));
  return hn::AllTrue(d, hn::Or(beyond, passes(load_n(d, x, static_cast<size_t>(n)))));
}

template <class T>
HWY_INLINE int64_t argmax_rows(const ClassScores<T>& input, int64_t begin, int64_t end,
                               float* hit) {
  const hn::ScalableTag<Compute<T>> d;
  using V = hn::Vec<decltype(d)>;
  const int64_t classes = input.layout.classes;
  for (int64_t row = begin; row < end; ++row) {
    const int64_t label = input.labels[row];
    if (HWY_UNLIKELY(!in_range(input, label))) {
      if (label != kNoClass) return row;
      hit[row] = 0;
      continue;
    }
    const T* x = input.scores + row * input.layout.outer_stride;
    const V score = hn::Set(d, to_compute(x[label]));
    const auto less = [&](V v) HWY_ATTR { return hn::Lt(v, score); };
    const auto not_greater = [&](V v) HWY_ATTR { return hn::Le(v, score); };
    const bool found = all_pass_or_none(d, x, label, less) &&
                       all_pass_or_none(d, x + label, classes - label, not_greater);
    hit[row] = found ? 1.0F : 0.0F;
  }
  return -1;
}

template <class T>
HWY_INLINE int64_t top_k_rows(const ClassScores<T>& input, int64_t k, int64_t begin, int64_t end,
                              float* hit) {
  const hn::ScalableTag<Compute<T>> d;
  using V = hn::Vec<decltype(d)>;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const int64_t classes = input.layout.classes;
  const auto most = static_cast<size_t>(std::max<int64_t>(0, k));
  for (int64_t row = begin; row < end; ++row) {
    const int64_t label = input.labels[row];
    if (HWY_UNLIKELY(!in_range(input, label))) {
      if (label != kNoClass) return row;
      hit[row] = 0;
      continue;
    }
    const T* x = input.scores + row * input.layout.outer_stride;
    const V score = hn::Set(d, to_compute(x[label]));
    size_t greater = 0;
    size_t not_greater = 0;
    // k greater scores decide a row, whatever else it holds.
    int64_t c = 0;
    while (c + lanes <= classes && greater < most) {
      const int64_t end_of_block = std::min(c + 4 * lanes, classes);
      for (; c + lanes <= end_of_block; c += lanes) {
        const V v = load(d, x + c);
        greater += hn::CountTrue(d, hn::Gt(v, score));
        not_greater += hn::CountTrue(d, hn::Le(v, score));
      }
    }
    if (c < classes && greater < most) {
      const V v = load(d, x + classes - lanes);
      const auto counted = hn::FirstN(d, static_cast<size_t>(lanes - (classes - c)));
      greater += hn::CountTrue(d, hn::AndNot(counted, hn::Gt(v, score)));
      not_greater += hn::CountTrue(d, hn::AndNot(counted, hn::Le(v, score)));
    }
    const bool has_nan = greater + not_greater != static_cast<size_t>(classes);
    hit[row] = greater < most && !has_nan ? 1.0F : 0.0F;
  }
  return -1;
}

template <class T>
HWY_INLINE void argmax_of_tiles(const ClassScores<T>& input, int64_t begin, int64_t end,
                                int64_t* argmax) {
  using C = Compute<T>;
  const hn::ScalableTag<C> d;
  const hn::RebindToSigned<decltype(d)> di;
  using V = hn::Vec<decltype(d)>;
  using VI = hn::Vec<decltype(di)>;
  using Index = hn::TFromD<decltype(di)>;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t rows = 0;
  for (int64_t row = begin; row < end; row += rows) {
    rows = tile_rows(d, input.layout, row, end);
    const T* from = input.scores + input.layout.offset(row);
    V best = hn::Set(d, -std::numeric_limits<C>::infinity());
    VI at = hn::Zero(di);
    V ordered = hn::Set(d, C(1));
    for_each_tile(d, from, input.layout, rows,
                  [&](int64_t c, int64_t classes, const C* tile) HWY_ATTR {
                    for (int64_t k = 0; k < classes; ++k) {
                      const V x = hn::Load(d, tile + k * lanes);
                      const auto better = hn::Gt(x, best);
                      best = hn::IfThenElse(better, x, best);
                      at = hn::IfThenElse(hn::RebindMask(di, better),
                                          hn::Set(di, static_cast<Index>(c + k)), at);
                      ordered = hn::IfThenElseZero(hn::Eq(x, x), ordered);
                    }
                  });
    HWY_ALIGN Index found[hn::MaxLanes(d)];
    const auto is_ordered = hn::RebindMask(di, hn::Gt(ordered, hn::Zero(d)));
    hn::Store(hn::IfThenElse(is_ordered, at, hn::Set(di, Index(-1))), di, found);
    for (int64_t i = 0; i < rows; ++i) argmax[row + i] = found[i] < 0 ? kNoClass : found[i];
  }
}

template <class T>
HWY_INLINE void argmax_of_rows(const ClassScores<T>& input, int64_t begin, int64_t end,
                               int64_t* argmax) {
  using C = Compute<T>;
  const hn::ScalableTag<C> d;
  using V = hn::Vec<decltype(d)>;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const int64_t classes = input.layout.classes;
  for (int64_t row = begin; row < end; ++row) {
    const T* x = input.scores + row * input.layout.outer_stride;
    // The maximum first, then where it is: two simple passes over a row in the cache.
    // Four vectors a step, so that a maximum waits for the one before but once.
    V max = load(d, x + classes - lanes);
    auto ordered = hn::Eq(max, max);
    for (int64_t i = 0; i + lanes < classes; i += 4 * lanes) {
      V v[4];
      for (int64_t k = 0; k < 4; ++k) {
        v[k] = load(d, x + std::min(i + k * lanes, classes - lanes));
        ordered = hn::And(ordered, hn::Eq(v[k], v[k]));
      }
      max = hn::Max(max, hn::Max(hn::Max(v[0], v[1]), hn::Max(v[2], v[3])));
    }
    if (!hn::AllTrue(d, ordered)) {
      argmax[row] = kNoClass;
      continue;
    }
    const V best = hn::MaxOfLanes(d, max);
    int64_t c = 0;
    intptr_t at = -1;
    for (; c + lanes <= classes && at < 0; c += lanes) {
      at = hn::FindFirstTrue(d, hn::Eq(load(d, x + c), best));
    }
    if (at >= 0) {
      argmax[row] = c - lanes + at;
    } else {
      c = classes - lanes;
      argmax[row] = c + hn::FindFirstTrue(d, hn::Eq(load(d, x + c), best));
    }
  }
}

template <class T>
HWY_INLINE void hits_of_binary(const T* y_true, const T* y_pred, int64_t n, Compute<T> threshold,
                               float* hit) {
  using C = Compute<T>;
  const hn::ScalableTag<C> d;
  using V = hn::Vec<decltype(d)>;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const V one = hn::Set(d, C(1));
  const V bound = hn::Set(d, threshold);
  const auto hits = [&](V t, V p) HWY_ATTR {
    const V claimed = hn::IfThenElseZero(hn::Gt(p, bound), one);
    return hn::IfThenElseZero(hn::And(hn::Eq(t, claimed), hn::Eq(p, p)), one);
  };
  HWY_ALIGN C found[hn::MaxLanes(d)];
  for (int64_t i = 0; i < n; i += lanes) {
    const int64_t left = std::min(lanes, n - i);
    const V result = hits(load_up_to(d, y_true + i, left), load_up_to(d, y_pred + i, left));
    if constexpr (sizeof(C) == sizeof(float)) {
      if (HWY_LIKELY(left == lanes)) {
        hn::StoreU(result, d, hit + i);
        continue;
      }
    }
    hn::Store(result, d, found);
    for (int64_t k = 0; k < left; ++k) hit[i + k] = static_cast<float>(found[k]);
  }
}

// Highway exports functions, not templates.
#define ASSAY_DEFINE(T, Name)                                                                     \
  int64_t ArgmaxHits##Name(const ClassScores<T>& input, int64_t begin, int64_t end, float* hit) { \
    return forward_takes_tiles<Compute<T>>(input.layout) ? argmax_tiles(input, begin, end, hit)   \
                                                         : argmax_rows(input, begin, end, hit);   \
  }                                                                                               \
  int64_t TopKHits##Name(const ClassScores<T>& input, int64_t k, int64_t begin, int64_t end,      \
                         float* hit) {                                                            \
    return forward_takes_tiles<Compute<T>>(input.layout) ? top_k_tiles(input, k, begin, end, hit) \
                                                         : top_k_rows(input, k, begin, end, hit); \
  }                                                                                               \
  void BinaryHits##Name(const T* y_true, const T* y_pred, int64_t n, Compute<T> threshold,        \
                        float* hit) {                                                             \
    hits_of_binary(y_true, y_pred, n, threshold, hit);                                            \
  }                                                                                               \
  void Argmax##Name(const ClassScores<T>& input, int64_t begin, int64_t end, int64_t* argmax) {   \
    if (input.layout.classes == 0) {                                                              \
      std::fill(argmax + begin, argmax + end, kNoClass);                                          \
    } else if (forward_takes_tiles<Compute<T>>(input.layout)) {                                   \
      argmax_of_tiles(input, begin, end, argmax);                                                 \
    } else {                                                                                      \
      argmax_of_rows(input, begin, end, argmax);                                                  \
    }                                                                                             \
  }
ASSAY_FOR_EACH_SCALAR(ASSAY_DEFINE)
#undef ASSAY_DEFINE

}  // namespace
}  // namespace assay::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::kernels::cpu {

#define ASSAY_EXPORT(T, Name)                                                                    \
  HWY_EXPORT(ArgmaxHits##Name);                                                                  \
  HWY_EXPORT(TopKHits##Name);                                                                    \
  HWY_EXPORT(Argmax##Name);                                                                      \
  HWY_EXPORT(BinaryHits##Name);                                                                  \
  template <>                                                                                    \
  void binary_hits<T>(const T* y_true, const T* y_pred, int64_t n, Compute<T> threshold,         \
                      float* hit) {                                                              \
    HWY_DYNAMIC_DISPATCH(BinaryHits##Name)(y_true, y_pred, n, threshold, hit);                   \
  }                                                                                              \
  template <>                                                                                    \
  int64_t argmax_hits<T>(const ClassScores<T>& input, int64_t begin, int64_t end, float* hit) {  \
    return HWY_DYNAMIC_DISPATCH(ArgmaxHits##Name)(input, begin, end, hit);                       \
  }                                                                                              \
  template <>                                                                                    \
  int64_t top_k_hits<T>(const ClassScores<T>& input, int64_t k, int64_t begin, int64_t end,      \
                        float* hit) {                                                            \
    return HWY_DYNAMIC_DISPATCH(TopKHits##Name)(input, k, begin, end, hit);                      \
  }                                                                                              \
  template <>                                                                                    \
  void row_argmax<T>(const ClassScores<T>& input, int64_t begin, int64_t end, int64_t* argmax) { \
    HWY_DYNAMIC_DISPATCH(Argmax##Name)(input, begin, end, argmax);                               \
  }
ASSAY_FOR_EACH_SCALAR(ASSAY_EXPORT)
#undef ASSAY_EXPORT

}  // namespace assay::kernels::cpu
#endif  // HWY_ONCE
