// SPDX-License-Identifier: Apache-2.0
#include <assay/core/kernels/cpu/weighted_sums.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <random>
#include <vector>

#include "kernel_test.h"

namespace assay::kernels::cpu::testing {
namespace {

template <class T, class W>
WeightedSums run(const WeightedSumInput<T, W>& input) {
  std::vector<WeightedSums> sums(static_cast<size_t>(sum_blocks(input.size)));
  weighted_block_sums(input, 0, sum_blocks(input.size), sums.data());
  return add_blocks(sums.data(), sum_blocks(input.size));
}

/// With and without weights and a mask; weights that each stand for `repeat` values.
template <class T, class W>
void expect_reference(int64_t size, int64_t repeat, bool with_mask) {
  std::mt19937 generator(static_cast<uint32_t>(size + repeat));
  std::normal_distribution<double> normal;
  auto values = draw_numbers<T>(static_cast<size_t>(size), [&] { return normal(generator); });
  std::vector<W> weights;
  const int64_t weight_count = repeat == 0 ? 0 : (size + repeat - 1) / repeat;
  for (int64_t i = 0; i < weight_count; ++i) {
    weights.push_back(static_cast<W>(std::fabs(normal(generator))));
  }
  const auto mask = std::make_unique<bool[]>(static_cast<size_t>(size + 1));
  for (int64_t i = 0; i < size; ++i) {
    mask[i] = generator() % 3 != 0;
    if (with_mask && !mask[i]) {
      values[i] = from_compute<T>(std::numeric_limits<Compute<T>>::quiet_NaN());
    }
  }
  WeightedSumInput<T, W> input;
  input.values = values.data();
  input.size = size;
  input.weights = repeat == 0 ? nullptr : weights.data();
  input.weight_repeat = repeat == 0 ? 1 : repeat;
  input.mask = with_mask ? mask.get() : nullptr;

  long double value = 0;
  long double magnitude = 0;
  long double weight = 0;
  int64_t count = 0;
  for (int64_t i = 0; i < size; ++i) {
    if (with_mask && !mask[i]) continue;
    const long double w = repeat == 0 ? W(1) : weights[i / repeat];
    value += w * as_double(values[i]);
    magnitude += std::fabs(w * as_double(values[i]));
    weight += w;
    ++count;
  }
  const WeightedSums got = run(input);
  EXPECT_EQ(got.count, count);
  EXPECT_NEAR(got.value, static_cast<double>(value), 1e-13 * static_cast<double>(magnitude));
  EXPECT_NEAR(got.weight, static_cast<double>(weight), 1e-13 * static_cast<double>(weight));
}

template <class T>
class WeightedSumsKernel : public ::testing::Test {};
TYPED_TEST_SUITE(WeightedSumsKernel, ScalarTypes);

TYPED_TEST(WeightedSumsKernel, AgreeWithPlainLoops) {
  for_each_target([] {
    std::vector<int64_t> sizes = {4095, 4096, 4097, 10000};
    for (int64_t size = 0; size <= 70; ++size) sizes.push_back(size);
    for (const int64_t size : sizes) {
      for (const int64_t repeat : {0, 1, 3, 10, 5000}) {
        for (const bool with_mask : {false, true}) {
          expect_reference<TypeParam, float>(size, repeat, with_mask);
          expect_reference<TypeParam, double>(size, repeat, with_mask);
        }
      }
    }
  });
}

TYPED_TEST(WeightedSumsKernel, DoNotDependOnWhoTookWhichBlock) {
  std::mt19937 generator(1);
  std::normal_distribution<double> normal;
  const auto values = draw_numbers<TypeParam>(50000, [&] { return normal(generator); });
  WeightedSumInput<TypeParam, double> input;
  input.values = values.data();
  input.size = 50000;
  const WeightedSums whole = run(input);
  std::vector<WeightedSums> sums(static_cast<size_t>(sum_blocks(input.size)));
  weighted_block_sums(input, 5, sum_blocks(input.size), sums.data());
  weighted_block_sums(input, 0, 2, sums.data());
  weighted_block_sums(input, 2, 5, sums.data());
  EXPECT_EQ(add_blocks(sums.data(), sum_blocks(input.size)).value, whole.value);
}

}  // namespace
}  // namespace assay::kernels::cpu::testing
