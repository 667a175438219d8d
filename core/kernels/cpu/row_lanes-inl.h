// SPDX-License-Identifier: Apache-2.0
// Rows shorter than a vector in the order in which they lie: the vectors of a tile's numbers, as
// many as a row has classes, and which row each of their lanes belongs to. What is the same for a
// whole row goes from its lane to its numbers without a transposition.

#if defined(ASSAY_CORE_KERNELS_CPU_ROW_LANES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ASSAY_CORE_KERNELS_CPU_ROW_LANES_INL_H_
#undef ASSAY_CORE_KERNELS_CPU_ROW_LANES_INL_H_
#else
#define ASSAY_CORE_KERNELS_CPU_ROW_LANES_INL_H_
#endif

#include <assay/core/kernels/cpu/axis_layout.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace assay::kernels::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

template <class D>
class RowLanes {
 public:
  using Index = hwy::MakeSigned<hn::TFromD<D>>;

  /// `classes` of a row: fewer than a vector has lanes.
  explicit RowLanes(int64_t classes) {
    const auto rows = static_cast<int64_t>(hn::Lanes(D()));
    for (int64_t row = 0; row < rows; ++row) {
      std::fill_n(row_ + row * classes, classes, static_cast<Index>(row));
    }
  }

  /// Of a vector of rows, what belongs to each of the tile's numbers from `at` on, a multiple of
  /// Lanes(d).
  template <class DX>
  HWY_INLINE hn::Vec<DX> spread(DX d, hn::Vec<DX> of_rows, int64_t at) const {
    return hn::TableLookupLanes(of_rows, hn::SetTableIndices(d, row_ + at));
  }

 private:
  static constexpr auto kLanes = static_cast<int64_t>(hn::MaxLanes(D()));
  HWY_ALIGN Index row_[kLanes * kLanes];
};

}  // namespace assay::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per-target include guard
