// SPDX-License-Identifier: Apache-2.0
#include <assay/core/kernels/cpu/f_score_counts.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "assay/core/kernels/cpu/f_score_counts.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h, which includes this file once for each target.
#include <assay/core/kernels/cpu/doubles-inl.h>
#include <assay/core/kernels/cpu/tile-inl.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace assay::kernels::cpu::HWY_NAMESPACE {
namespace {  // other kernels have functions of the same names

namespace hn = hwy::HWY_NAMESPACE;

/// Predictions nearer to 0 claim nothing, as in Keras.
constexpr double kZero = 1e-9;

/// Rows in lanes, label by label. Each label has sums for each lane, which are added up at the end.
template <class T>
void add_counts(const FScoreInput<T>& input, int64_t begin, int64_t end, double* sums) {
  using C = Compute<T>;
  const hn::ScalableTag<C> d;
  using V = hn::Vec<decltype(d)>;
  constexpr auto kMaxLanes = static_cast<int64_t>(hn::MaxLanes(d));
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const AxisLayout layout = AxisLayout::contiguous(input.labels);
  const V one = hn::Set(d, C(1));
  const V zero_bound = hn::Set(d, static_cast<C>(kZero));
  const V threshold = hn::Set(d, static_cast<C>(input.threshold));

  std::vector<double> lane_sums(static_cast<size_t>(3 * input.labels * lanes));
  TileStorage<decltype(d)> t_tile;
  TileStorage<decltype(d)> p_tile;
  HWY_ALIGN double weight[kMaxLanes];
  for (int64_t row = begin; row < end; row += lanes) {
    const int64_t rows = std::min(lanes, end - row);
    std::fill(weight, weight + lanes, 0.0);
    if (input.row_weight == nullptr) {
      std::fill(weight, weight + rows, 1.0);
    } else {
      std::copy_n(input.row_weight + row, rows, weight);
    }
    const T* t = input.y_true + row * input.labels;
    const T* p = input.y_pred + row * input.labels;

    V max = hn::Set(d, -std::numeric_limits<C>::infinity());
    V ordered = one;
    for (int64_t c = 0; !input.has_threshold && c < input.labels; c += kTileClasses) {
      const int64_t classes = std::min(kTileClasses, input.labels - c);
      read_tile(d, p + c, layout, classes, rows, p_tile.lanes);
      for (int64_t k = 0; k < classes; ++k) {
        const V x = hn::Load(d, p_tile.lanes + k * lanes);
        ordered = hn::IfThenElseZero(hn::Eq(x, x), ordered);
        max = hn::Max(max, x);
      }
    }
    const auto has_claim = hn::Eq(ordered, one);
    const bool is_read = !input.has_threshold && input.labels <= kTileClasses;

    for (int64_t c = 0; c < input.labels; c += kTileClasses) {
      const int64_t classes = std::min(kTileClasses, input.labels - c);
      if (!is_read) read_tile(d, p + c, layout, classes, rows, p_tile.lanes);
      read_tile(d, t + c, layout, classes, rows, t_tile.lanes);
      for (int64_t k = 0; k < classes; ++k) {
        const V x = hn::Load(d, p_tile.lanes + k * lanes);
        const V y = hn::Load(d, t_tile.lanes + k * lanes);
        const auto claimed =
            input.has_threshold
                ? hn::Gt(x, threshold)
                : hn::And(has_claim, hn::And(hn::Eq(x, max), hn::Gt(hn::Abs(x), zero_bound)));
        double* to = lane_sums.data() + 3 * (c + k) * lanes;
        for_each_part(
            d,
            [&](auto wide, size_t lane, auto claim, auto right, auto missed) HWY_ATTR {
              const auto w = hn::Load(wide, weight + lane);
              const auto add = [&](double* sum, auto x_of_lane) HWY_ATTR {
                hn::StoreU(hn::MulAdd(w, x_of_lane, hn::LoadU(wide, sum)), wide, sum);
              };
              add(to + lane, right);
              add(to + lanes + lane, hn::Sub(claim, right));
              add(to + 2 * lanes + lane, missed);
            },
            hn::IfThenElseZero(claimed, one), hn::IfThenElseZero(claimed, y),
            hn::IfThenZeroElse(claimed, y));
      }
    }
  }
  for (int64_t label = 0; label < input.labels; ++label) {
    for (int64_t which = 0; which < 3; ++which) {
      const double* from = lane_sums.data() + (3 * label + which) * lanes;
      for (int64_t i = 0; i < lanes; ++i) sums[which * input.labels + label] += from[i];
    }
  }
}

// Highway exports functions, not templates.
#define ASSAY_DEFINE(T, Name)                                                                \
  void Counts##Name(const FScoreInput<T>& input, int64_t begin, int64_t end, double* sums) { \
    add_counts(input, begin, end, sums);                                                     \
  }
ASSAY_FOR_EACH_SCALAR(ASSAY_DEFINE)
#undef ASSAY_DEFINE

}  // namespace
}  // namespace assay::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::kernels::cpu {

#define ASSAY_EXPORT(T, Name)                                                         \
  HWY_EXPORT(Counts##Name);                                                           \
  template <>                                                                         \
  void add_f_score_counts<T>(const FScoreInput<T>& input, int64_t begin, int64_t end, \
                             double* sums) {                                          \
    HWY_DYNAMIC_DISPATCH(Counts##Name)(input, begin, end, sums);                      \
  }
ASSAY_FOR_EACH_SCALAR(ASSAY_EXPORT)
#undef ASSAY_EXPORT

}  // namespace assay::kernels::cpu
#endif  // HWY_ONCE
