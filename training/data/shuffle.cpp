// SPDX-License-Identifier: Apache-2.0
#include <assay/training/data/shuffle.h>

#include <numeric>
#include <utility>

namespace assay::training {

std::uint64_t SplitMix64::next() {
  state_ += 0x9E3779B97F4A7C15;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

std::uint64_t SplitMix64::below(std::uint64_t bound) {
  __extension__ using Wide = unsigned __int128;
  const std::uint64_t uneven = (0 - bound) % bound;  // 2^64 mod bound
  for (;;) {
    const auto product = static_cast<Wide>(next()) * bound;
    if (static_cast<std::uint64_t>(product) >= uneven) {
      return static_cast<std::uint64_t>(product >> 64);
    }
  }
}

std::vector<std::int64_t> permutation(std::int64_t size, std::uint64_t seed, std::uint64_t stream) {
  const auto stream_key = SplitMix64(SplitMix64(stream + 1).next()).next();
  SplitMix64 numbers(SplitMix64(seed).next() ^ stream_key);
  std::vector<std::int64_t> order(static_cast<std::size_t>(size));
  std::iota(order.begin(), order.end(), 0);
  for (std::size_t left = order.size(); left > 1; --left) {
    std::swap(order[left - 1], order[numbers.below(left)]);
  }
  return order;
}

}  // namespace assay::training
