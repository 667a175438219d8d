// SPDX-License-Identifier: Apache-2.0
// What the cross-entropies with a target for every class share.

#if defined(ASSAY_CORE_KERNELS_CPU_DENSE_ROWS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_CORE_KERNELS_CPU_DENSE_ROWS_INL_H_
#undef ASSAY_CORE_KERNELS_CPU_DENSE_ROWS_INL_H_
#else
#define ASSAY_CORE_KERNELS_CPU_DENSE_ROWS_INL_H_
#endif

#include <assay/core/kernels/cpu/dense_crossentropy.h>
#include <assay/core/kernels/cpu/simd_io-inl.h>
#include <assay/core/kernels/cpu/tile-inl.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace assay::kernels::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// The targets t_j, smoothed and weighted, from y_true.
template <class T>
class Targets {
 public:
  using C = Compute<T>;

  explicit Targets(const DenseCrossentropyInput<T>& input)
      : keep(1.0 - input.label_smoothing),
        spread(input.label_smoothing / static_cast<double>(input.classes)),
        class_weight_(input.class_weight) {}

  double keep;    ///< what a target keeps
  double spread;  ///< what each class gets

  /// x times the weight of class c, in lanes that all belong to it, and of the classes from c on.
  template <class D, class V = hn::Vec<D>>
  HWY_INLINE V weigh_class(D d, V x, int64_t c) const {
    return class_weight_ == nullptr ? x : hn::Mul(x, hn::Set(d, class_weight_[c]));
  }
  template <class D, class V = hn::Vec<D>>
  HWY_INLINE V weigh_classes(D d, V x, int64_t c) const {
    return class_weight_ == nullptr ? x : hn::Mul(x, hn::LoadU(d, class_weight_ + c));
  }

  /// Lanes that all belong to class c.
  template <class D, class V = hn::Vec<D>>
  HWY_INLINE V of_class(D d, V y_true, int64_t c) const {
    return weigh_class(d, smoothed(d, y_true), c);
  }

  /// Lanes that belong to the classes from c on.
  template <class D, class V = hn::Vec<D>>
  HWY_INLINE V of_classes(D d, V y_true, int64_t c) const {
    return weigh_classes(d, smoothed(d, y_true), c);
  }

 private:
  template <class D, class V = hn::Vec<D>>
  HWY_INLINE V smoothed(D d, V y_true) const {
    return hn::MulAdd(y_true, hn::Set(d, static_cast<hn::TFromD<D>>(keep)),
                      hn::Set(d, static_cast<hn::TFromD<D>>(spread)));
  }

  const C* class_weight_;
};

/// Calls body(c, classes before the vector that were seen) for the vectors of a row that is at
/// least one long, from class `first` to class `last`. The last vector reaches back to whole lanes;
/// body gets the number of its lanes that came before.
template <class Body>
HWY_INLINE void for_each_vector(int64_t first, int64_t last, int64_t lanes, const Body& body) {
  int64_t c = first;
  for (; c + lanes <= last; c += lanes) body(c, 0);
  if (c < last) body(last - lanes, lanes - (last - c));
}

/// Tiles of labels and of predictions.
template <class D>
struct TilePair {
  TileStorage<D> y_true;
  TileStorage<D> y_pred;

  /// Reads `classes` classes from class c on, of the rows from `row` on.
  template <class T>
  HWY_INLINE void read(D d, const DenseCrossentropyInput<T>& input, int64_t row, int64_t rows,
                       int64_t c, int64_t classes) {
    const AxisLayout layout = AxisLayout::contiguous(input.classes, input.inner);
    const int64_t at = layout.offset(row) + c * input.inner;
    read_tile(d, input.y_true + at, layout, classes, rows, y_true.lanes);
    read_tile(d, input.y_pred + at, layout, classes, rows, y_pred.lanes);
  }
};

/// The rows of a layout with inner > 1 that the backward functions take class by class; see
/// kStripRows of sparse_rows-inl.h. Calls fill(i, row) for each row, then write(c, i, at, n), n of
/// up to a vector's rows from the strip's i-th on, the first of which stands at `at` for class c.
constexpr int64_t kDenseStripRows = 512;

template <class D, class Fill, class Write>
HWY_INLINE void for_each_strip(D d, const AxisLayout& layout, int64_t begin, int64_t end,
                               const Fill& fill, const Write& write) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t rows = 0;
  for (int64_t row = begin; row < end; row += rows) {
    rows = std::min({kDenseStripRows, end - row, layout.inner - row % layout.inner});
    for (int64_t i = 0; i < rows; ++i) fill(i, row + i);
    int64_t at = layout.offset(row);
    for (int64_t c = 0; c < layout.classes; ++c, at += layout.inner) {
      for (int64_t i = 0; i < rows; i += lanes) write(c, i, at + i, std::min(lanes, rows - i));
    }
  }
}

}  // namespace assay::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
