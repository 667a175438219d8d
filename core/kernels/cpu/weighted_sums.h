// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <assay/core/kernels/cpu/scalar_types.h>

#include <cstdint>

/// Sums for reductions and means, in double. They are taken in blocks of fixed size that stand at
/// fixed places, and the blocks added in order, so that the result depends on nothing but the
/// numbers: not on the number of threads, nor on who took which block.
/// T is float, double, BFloat16 or Float16; W is float or double.
namespace assay::kernels::cpu {

inline constexpr int64_t kSumBlock = 4096;

constexpr int64_t sum_blocks(int64_t size) { return (size + kSumBlock - 1) / kSumBlock; }

template <class T, class W>
struct WeightedSumInput {
  const T* values = nullptr;
  int64_t size = 0;
  const W* weights = nullptr;  ///< null: all 1. Value i has the weight i / weight_repeat.
  int64_t weight_repeat = 1;
  const bool* mask = nullptr;  ///< [size]; null: all true. What is false counts nowhere, even NaN.
};

struct WeightedSums {
  double value = 0.0;   ///< sum of weight * value
  double weight = 0.0;  ///< sum of the weights
  int64_t count = 0;    ///< number of values

  WeightedSums& operator+=(const WeightedSums& other) {
    value += other.value;
    weight += other.weight;
    count += other.count;
    return *this;
  }
};

/// The sums of the blocks [begin, end), of sum_blocks(size), one for each into `sums`, which is
/// indexed by block.
template <class T, class W>
void weighted_block_sums(const WeightedSumInput<T, W>& input, int64_t begin, int64_t end,
                         WeightedSums* sums);

/// All blocks together.
inline WeightedSums add_blocks(const WeightedSums* sums, int64_t blocks) {
  WeightedSums total;
  for (int64_t i = 0; i < blocks; ++i) total += sums[i];
  return total;
}

}  // namespace assay::kernels::cpu
