// SPDX-License-Identifier: Apache-2.0
#include <assay/core/kernels/cpu/f_score_counts.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
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

/// A block of rows holds about so many elements, and at least so many periods.
constexpr int64_t kBlockElements = 2048;
constexpr int64_t kBlockPeriods = 8;

/// The largest number, or NaN where there is one.
template <class D>
class Largest {
 public:
  explicit HWY_INLINE Largest(D d)
      : max_(hn::Set(d, -std::numeric_limits<hn::TFromD<D>>::infinity())),
        ordered_(hn::Eq(max_, max_)) {}
  HWY_INLINE void add(hn::Vec<D> x) {
    ordered_ = hn::And(ordered_, hn::Eq(x, x));
    max_ = hn::Max(max_, x);
  }
  HWY_INLINE hn::Vec<D> result(D d) const {
    const auto nan = hn::Set(d, std::numeric_limits<hn::TFromD<D>>::quiet_NaN());
    return hn::IfThenElse(ordered_, max_, nan);
  }

 private:
  hn::Vec<D> max_;
  hn::Mask<D> ordered_;
};

/// What the predictions that claim their labels are equal to: the largest of the row, or NaN where
/// the row claims nothing. Written for whole vectors of rows.
template <class T>
HWY_INLINE void find_claims(const T* y_pred, int64_t labels, int64_t rows, double* claims) {
  const hn::ScalableTag<Compute<T>> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto zero = hn::Set(d, static_cast<Compute<T>>(kZero));
  const auto nan = hn::Set(d, std::numeric_limits<Compute<T>>::quiet_NaN());
  for (int64_t row = 0; row < rows; row += lanes) {
    const auto max = fold_rows<Largest<decltype(d)>>(d, y_pred + row * labels, labels,
                                                     std::min(lanes, rows - row));
    for_each_part(
        d,
        [&](auto wide, size_t lane, auto claim)
            HWY_ATTR { hn::StoreU(claim, wide, claims + row + lane); },
        hn::IfThenElse(hn::Gt(hn::Abs(max), zero), max, nan));
  }
}

/// The vectors of contiguous rows hold the same labels in the same lanes again and again, a period
/// apart: vectors at the same place in their periods are added up in registers, over a block of
/// rows that a core's own cache holds.
template <bool kWeighted, class T>
void add_counts(const FScoreInput<T>& input, int64_t begin, int64_t end, double* sums) {
  const Doubles d;
  using V = hn::Vec<Doubles>;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const int64_t labels = input.labels;
  const int64_t period = std::lcm(labels, lanes);
  const int64_t period_rows = period / labels;
  // Whole periods, and whole vectors of find_claims, which have a multiple of period_rows.
  const auto unit = static_cast<int64_t>(hn::Lanes(hn::ScalableTag<Compute<T>>()));
  const int64_t wanted = std::max(kBlockElements / labels, kBlockPeriods * period_rows);
  const int64_t block = (wanted + unit - 1) / unit * unit;
  const V one = hn::Set(d, 1.0);
  const V threshold = hn::Set(d, static_cast<double>(static_cast<Compute<T>>(input.threshold)));

  // By how many rows each lane is behind the first of its vector.
  std::vector<int64_t> row_of_lane(static_cast<size_t>(period));
  for (int64_t i = 0, row = 0, first_row = 0; i < period; ++i) {
    if (i == (row + 1) * labels) ++row;
    if (i % lanes == 0) first_row = row;
    row_of_lane[i] = row - first_row;
  }
  const auto padded = static_cast<size_t>(block + lanes);
  std::vector<double> claims(padded);
  std::vector<double> weights(kWeighted ? padded : 0);
  std::vector<double> lane_sums(static_cast<size_t>(3 * period));
  for (; begin < end; begin += block) {
    const int64_t rows = std::min(block, end - begin);
    const int64_t size = rows * labels;
    const T* t = input.y_true + begin * labels;
    const T* p = input.y_pred + begin * labels;
    if (!input.has_threshold) find_claims(p, labels, rows, claims.data());
    if (kWeighted) std::copy_n(input.row_weight + begin, rows, weights.data());

    for (int64_t place = 0; place < period; place += lanes) {
      const auto rows_of_lanes = hn::SetTableIndices(d, row_of_lane.data() + place);
      const auto of_rows = [&](const double* from) HWY_ATTR {
        return hn::TableLookupLanes(hn::LoadU(d, from), rows_of_lanes);
      };
      double* const kept = lane_sums.data() + 3 * place;
      V right = hn::LoadU(d, kept);
      V claims_made = hn::LoadU(d, kept + lanes);
      V all = hn::LoadU(d, kept + 2 * lanes);
      int64_t row = place / labels;
      const auto add = [&](V x, V y, auto in_range) HWY_ATTR {
        const auto claimed =
            hn::And(in_range, input.has_threshold ? hn::Gt(x, threshold)
                                                  : hn::Eq(x, of_rows(claims.data() + row)));
        V w = one;
        if constexpr (kWeighted) {
          w = of_rows(weights.data() + row);
          y = hn::Mul(w, y);
        }
        right = hn::IfThenElse(claimed, hn::Add(right, y), right);
        claims_made = hn::IfThenElse(claimed, hn::Add(claims_made, w), claims_made);
        all = hn::Add(all, y);
      };
      int64_t i = place;
      for (; i + lanes <= size; i += period, row += period_rows) {
        add(load_doubles(d, p + i), load_doubles(d, t + i), hn::Eq(one, one));
      }
      if (i < size) {
        const auto left = static_cast<size_t>(size - i);
        add(load_doubles_n(d, p + i, left), load_doubles_n(d, t + i, left), hn::FirstN(d, left));
      }
      hn::StoreU(right, d, kept);
      hn::StoreU(claims_made, d, kept + lanes);
      hn::StoreU(all, d, kept + 2 * lanes);
    }
  }
  for (int64_t i = 0, label = 0; i < period; ++i) {
    const double* kept = lane_sums.data() + 3 * (i / lanes * lanes) + i % lanes;
    const double right = kept[0];
    sums[label] += right;
    sums[labels + label] += kept[lanes] - right;
    sums[2 * labels + label] += kept[2 * lanes] - right;
    if (++label == labels) label = 0;
  }
}

// Highway exports functions, not templates.
#define ASSAY_DEFINE(T, Name)                                                                  \
  void Counts##Name(const FScoreInput<T>& input, int64_t begin, int64_t end, double* sums) {   \
    const auto add = input.row_weight != nullptr ? add_counts<true, T> : add_counts<false, T>; \
    add(input, begin, end, sums);                                                              \
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
