// SPDX-License-Identifier: Apache-2.0
// What the cross-entropies with integer labels share: the labels, weights and output gradients of a
// tile's rows as lanes.

#if defined(ASSAY_CORE_KERNELS_CPU_SPARSE_ROWS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_CORE_KERNELS_CPU_SPARSE_ROWS_INL_H_
#undef ASSAY_CORE_KERNELS_CPU_SPARSE_ROWS_INL_H_
#else
#define ASSAY_CORE_KERNELS_CPU_SPARSE_ROWS_INL_H_
#endif

#include <assay/core/kernels/cpu/simd_io-inl.h>
#include <assay/core/kernels/cpu/sparse_crossentropy.h>
#include <assay/core/kernels/cpu/tile-inl.h>
#include <hwy/highway.h>

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <type_traits>

HWY_BEFORE_NAMESPACE();
namespace assay::kernels::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

template <class T>
HWY_INLINE bool is_ignored(const SparseCrossentropyInput<T>& input, int64_t label) {
  return input.has_ignore_class && label == input.ignore_class;
}

template <class T>
HWY_INLINE bool in_range(const SparseCrossentropyInput<T>& input, int64_t label) {
  return static_cast<uint64_t>(label) < static_cast<uint64_t>(input.layout.classes);
}

/// How label smoothing divides a row's target: what its own class keeps, what each class receives
/// per unit of its weight, and the weights of all classes together.
template <class C>
class Shares {
 public:
  template <class T>
  explicit Shares(const SparseCrossentropyInput<T>& input)
      : keep(1.0 - input.label_smoothing),
        spread(input.label_smoothing / static_cast<double>(input.layout.classes)),
        class_weight_(input.label_smoothing == 0.0 ? nullptr : input.class_weight) {
    weights = weight_sum(0, input.layout.classes);
  }

  double keep;
  double spread;
  double weights;

  /// The weights of classes [first, last) together.
  double weight_sum(int64_t first, int64_t last) const {
    if (class_weight_ == nullptr) return static_cast<double>(last - first);
    return std::accumulate(class_weight_ + first, class_weight_ + last, 0.0);
  }

  /// x times the weight of class c, in lanes that all belong to it.
  template <class D, class V = hn::Vec<D>>
  HWY_INLINE V weigh_class(D d, V x, int64_t c) const {
    return class_weight_ == nullptr ? x : hn::Mul(x, hn::Set(d, class_weight_[c]));
  }

  /// x times the weights of the classes from c on.
  template <class D, class V = hn::Vec<D>>
  HWY_INLINE V weigh_classes(D d, V x, int64_t c) const {
    return class_weight_ == nullptr ? x : hn::Mul(x, hn::LoadU(d, class_weight_ + c));
  }

 private:
  const C* class_weight_;
};

template <class T>
HWY_INLINE Compute<T> weight_of(const SparseCrossentropyInput<T>& input, int64_t label) {
  return input.class_weight == nullptr ? Compute<T>(1) : input.class_weight[label];
}

/// A row's targets times its output gradient g: at_label is what the label has above the rest,
/// `spread` what a class of weight 1 has, `total` the sum over the classes.
template <class C>
struct ScaledTargets {
  C at_label = 0;
  C spread = 0;
  C total = 0;
};

/// All 0 for an ignored row.
template <class T, class C = Compute<T>>
HWY_INLINE ScaledTargets<C> scaled_targets(const SparseCrossentropyInput<T>& input,
                                           const Shares<C>& shares, int64_t label, C g) {
  if (is_ignored(input, label)) return {};
  const C at_label = g * weight_of(input, label) * static_cast<C>(shares.keep);
  return {at_label, g * static_cast<C>(shares.spread),
          at_label + g * static_cast<C>(shares.spread * shares.weights)};
}

/// Neighbouring rows of a layout with inner > 1, which the backward functions take class by class:
/// long runs of memory rather than a vector from each class, which may all lie a power of two apart
/// and throw one another out of the caches.
constexpr int64_t kStripRows = 512;

/// The labels of a tile's rows, their scores and weights. Rows that are ignored, and lanes past the
/// tile's rows, have label -1 and weight 0.
template <class D>
struct LabelLanes {
  using C = hn::TFromD<D>;
  using Index = hwy::MakeSigned<C>;
  static constexpr size_t kLanes = hn::MaxLanes(D());

  HWY_ALIGN Index label[kLanes] = {};
  HWY_ALIGN C score[kLanes] = {};
  HWY_ALIGN C weight[kLanes] = {};

  /// `from` is the first class of the tile's first row. Returns -1 or the first bad row.
  template <class T>
  HWY_INLINE int64_t read(const SparseCrossentropyInput<T>& input, const T* from, int64_t row,
                          int64_t rows) {
    if (rows == static_cast<int64_t>(kLanes) && read_whole(input, from, row)) return -1;
    const int64_t row_stride = input.layout.inner == 1 ? input.layout.outer_stride : 1;
    for (int64_t i = 0; i < rows; ++i) {
      const int64_t l = input.labels[row + i];
      if (HWY_LIKELY(in_range(input, l) && !is_ignored(input, l))) {
        label[i] = static_cast<Index>(l);
        score[i] = to_compute(from[i * row_stride + l * input.layout.inner]);
        weight[i] = weight_of(input, l);
      } else {
        if (!is_ignored(input, l)) return row + i;
        clear(i);
      }
    }
    for (auto i = static_cast<size_t>(rows); i < kLanes; ++i) clear(i);
    return -1;
  }

  HWY_INLINE hn::Mask<D> ignored(D d) const {
    const hn::RebindToSigned<D> di;
    return hn::RebindMask(d, hn::Lt(hn::Load(di, label), hn::Zero(di)));
  }

 private:
  /// Reads the labels of as many rows as there are lanes, in vectors; false where that cannot be
  /// done, or some are bad.
  template <class T>
  HWY_INLINE bool read_whole(const SparseCrossentropyInput<T>& input, const T* from, int64_t row) {
    const AxisLayout& layout = input.layout;
    constexpr int64_t kMost = int64_t{1} << 24;  // so that no index overflows
    if constexpr (std::is_same_v<T, float>) {
      if (layout.inner != 1 || layout.outer_stride > kMost || layout.classes > kMost) return false;
      const D d;
      const hn::RebindToSigned<D> di;
      const Int64Halves labels(di, input.labels + row);
      const auto is_class = labels.in_range(di, layout.classes);
      const auto zero = hn::Zero(di);
      auto is_ignored = hn::Lt(zero, zero);
      if (input.has_ignore_class) is_ignored = labels.equal(di, input.ignore_class);
      if (!hn::AllTrue(di, hn::Or(is_class, is_ignored))) return false;
      const auto low = hn::IfThenZeroElse(is_ignored, labels.low);
      const auto stride = hn::Set(di, static_cast<Index>(layout.outer_stride));
      const auto at = hn::Add(hn::Mul(hn::Iota(di, 0), stride), low);
      const auto no_weight = hn::RebindMask(d, is_ignored);
      hn::Store(hn::IfThenElse(is_ignored, hn::Set(di, -1), low), di, label);
      hn::Store(hn::IfThenZeroElse(no_weight, hn::GatherIndex(d, from, at)), d, score);
      const auto weights = input.class_weight == nullptr
                               ? hn::Set(d, 1.0F)
                               : hn::GatherIndex(d, input.class_weight, low);
      hn::Store(hn::IfThenZeroElse(no_weight, weights), d, weight);
      return true;
    }
    return false;
  }

  HWY_INLINE void clear(size_t i) {
    label[i] = -1;
    score[i] = 0;
    weight[i] = 0;
  }
};

}  // namespace assay::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
