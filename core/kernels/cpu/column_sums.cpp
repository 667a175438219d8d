// SPDX-License-Identifier: Apache-2.0
#include <assay/core/kernels/cpu/column_sums.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "assay/core/kernels/cpu/column_sums.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h, which includes this file once for each target.
#include <assay/core/kernels/cpu/doubles-inl.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace assay::kernels::cpu::HWY_NAMESPACE {
namespace {  // other kernels have functions of the same names

namespace hn = hwy::HWY_NAMESPACE;

/// A vector of sums each.
struct VectorSums {
  using V = hn::Vec<Doubles>;

  V squared_sum, sum, residual, count, lowest, highest;
  hn::Mask<Doubles> unordered;  // where a NaN was among what `lowest` and `highest` are of

  static HWY_INLINE VectorSums none(Doubles d) {
    const V zero = hn::Zero(d);
    const V infinity = hn::Set(d, std::numeric_limits<double>::infinity());
    return {zero, zero, zero, zero, infinity, hn::Neg(infinity), hn::Lt(zero, zero)};
  }

  template <bool kWeighted, class T>
  HWY_INLINE void add(Doubles d, const ColumnInput<T>& input, int64_t at) {
    const V t = load_doubles(d, input.y_true + at);
    const V e = hn::Sub(t, load_doubles(d, input.y_pred + at));
    V wt = t;
    V we = e;
    V low = t;
    V high = t;
    if constexpr (kWeighted) {
      const V infinity = hn::Set(d, std::numeric_limits<double>::infinity());
      const V w = hn::LoadU(d, input.weight + at);
      const auto weightless = hn::Eq(w, hn::Zero(d));
      wt = hn::Mul(w, t);
      we = hn::Mul(w, e);
      low = hn::IfThenElse(weightless, infinity, t);
      high = hn::IfThenElse(weightless, hn::Neg(infinity), t);
      count = hn::Add(count, w);
    }
    squared_sum = hn::MulAdd(wt, t, squared_sum);
    sum = hn::Add(sum, wt);
    residual = hn::MulAdd(we, e, residual);
    lowest = hn::Min(lowest, low);
    highest = hn::Max(highest, high);
    // Apart from the minimum and maximum, which then wait for nothing but one another. Not hn::Ne,
    // which on some targets is false of NaN.
    unordered = hn::Or(unordered, hn::Not(hn::Eq(low, low)));
  }

  HWY_INLINE void add(const VectorSums& other) {
    squared_sum = hn::Add(squared_sum, other.squared_sum);
    sum = hn::Add(sum, other.sum);
    residual = hn::Add(residual, other.residual);
    count = hn::Add(count, other.count);
    lowest = hn::Min(lowest, other.lowest);
    highest = hn::Max(highest, other.highest);
    unordered = hn::Or(unordered, other.unordered);
  }

  HWY_INLINE void store(Doubles d, const ColumnSums& to) const {
    const V nan = hn::Set(d, std::numeric_limits<double>::quiet_NaN());
    hn::StoreU(squared_sum, d, to.squared_sum);
    hn::StoreU(sum, d, to.sum);
    hn::StoreU(residual, d, to.residual);
    hn::StoreU(count, d, to.count);
    hn::StoreU(hn::IfThenElse(unordered, nan, lowest), d, to.lowest);
    hn::StoreU(hn::IfThenElse(unordered, nan, highest), d, to.highest);
  }
};

/// Adds the entries at, at + width ...: `groups` vectors, of which each lane has sums of its own.
template <bool kWeighted, class T>
HWY_INLINE void add_vectors(Doubles d, const ColumnInput<T>& input, int64_t at, int64_t groups,
                            int64_t width, const ColumnSums& to) {
  // Two, so that an addition need not wait for the one before.
  VectorSums even = VectorSums::none(d);
  VectorSums odd = even;
  int64_t group = 0;
  for (; group + 2 <= groups; group += 2, at += 2 * width) {
    even.add<kWeighted>(d, input, at);
    odd.add<kWeighted>(d, input, at + width);
  }
  if (group < groups) even.add<kWeighted>(d, input, at);
  even.add(odd);
  even.store(d, to);
}

/// Each of the `width` entries of a group of rows has sums of its own, over all groups.
template <class T>
HWY_INLINE void add_groups(const ColumnInput<T>& input, int64_t at, int64_t groups, int64_t width,
                           const ColumnSums& to) {
  const Doubles d;
  for (int64_t i = 0; i < width; i += static_cast<int64_t>(hn::Lanes(d))) {
    const ColumnSums own = to.from(i);
    if (input.weight == nullptr) {
      add_vectors<false>(d, input, at + i, groups, width, own);
    } else {
      add_vectors<true>(d, input, at + i, groups, width, own);
    }
  }
}

void AddGroupsFloat(const ColumnInput<float>& input, int64_t at, int64_t groups, int64_t width,
                    const ColumnSums& to) {
  add_groups(input, at, groups, width, to);
}
void AddGroupsDouble(const ColumnInput<double>& input, int64_t at, int64_t groups, int64_t width,
                     const ColumnSums& to) {
  add_groups(input, at, groups, width, to);
}

}  // namespace
}  // namespace assay::kernels::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::kernels::cpu {
HWY_EXPORT(AddGroupsFloat);
HWY_EXPORT(AddGroupsDouble);
namespace {

void add_groups(const ColumnInput<float>& input, int64_t at, int64_t groups, int64_t width,
                const ColumnSums& to) {
  HWY_DYNAMIC_DISPATCH(AddGroupsFloat)(input, at, groups, width, to);
}
void add_groups(const ColumnInput<double>& input, int64_t at, int64_t groups, int64_t width,
                const ColumnSums& to) {
  HWY_DYNAMIC_DISPATCH(AddGroupsDouble)(input, at, groups, width, to);
}

/// A group of rows is a whole number of vectors, whatever the target.
constexpr int64_t kMostLanes = 8;

}  // namespace

template <class T>
void add_column_sums(const ColumnInput<T>& input, int64_t begin, int64_t end,
                     const ColumnSums& sums) {
  const int64_t columns = input.columns;
  const int64_t group_rows = kMostLanes / std::gcd(kMostLanes, columns);
  const int64_t width = group_rows * columns;
  const int64_t groups = (end - begin) / group_rows;
  if (groups > 0) {
    std::vector<double> lanes(static_cast<size_t>(6 * width));
    const ColumnSums own = ColumnSums::in_order(lanes.data(), width);
    add_groups(input, begin * columns, groups, width, own);
    for (int64_t i = 0; i < width; ++i) {
      const int64_t column = i % columns;
      sums.squared_sum[column] += own.squared_sum[i];
      sums.sum[column] += own.sum[i];
      sums.residual[column] += own.residual[i];
      sums.count[column] += own.count[i];
      sums.lowest[column] = least(own.lowest[i], sums.lowest[column]);
      sums.highest[column] = greatest(own.highest[i], sums.highest[column]);
    }
  }
  for (int64_t at = (begin + groups * group_rows) * columns; at < end * columns; ++at) {
    const int64_t column = at % columns;
    const auto t = static_cast<double>(input.y_true[at]);
    const double e = t - static_cast<double>(input.y_pred[at]);
    const double w = input.weight == nullptr ? 1.0 : input.weight[at];
    sums.squared_sum[column] += w * t * t;
    sums.sum[column] += w * t;
    sums.residual[column] += w * e * e;
    if (input.weight != nullptr) sums.count[column] += w;
    if (w == 0) continue;
    sums.lowest[column] = least(t, sums.lowest[column]);
    sums.highest[column] = greatest(t, sums.highest[column]);
  }
  if (input.weight == nullptr) {
    for (int64_t column = 0; column < columns; ++column) {
      sums.count[column] += static_cast<double>(end - begin);
    }
  }
}

template void add_column_sums<float>(const ColumnInput<float>&, int64_t, int64_t,
                                     const ColumnSums&);
template void add_column_sums<double>(const ColumnInput<double>&, int64_t, int64_t,
                                      const ColumnSums&);

}  // namespace assay::kernels::cpu
#endif  // HWY_ONCE
