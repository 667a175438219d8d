// SPDX-License-Identifier: Apache-2.0
// Random orders that depend on two numbers, and on nothing else anywhere or ever.
#pragma once
#include <cstdint>
#include <vector>

namespace assay::training {

/// SplitMix64 (Steele, Lea, Flood 2014): number i = 0, 1 ... is
///
///     z = key + (i + 1) * 0x9E3779B97F4A7C15                     (all modulo 2^64)
///     z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9
///     z = (z ^ (z >> 27)) * 0x94D049BB133111EB
///     z ^ (z >> 31)
class SplitMix64 {
 public:
  /// Before number 0.
  explicit SplitMix64(std::uint64_t key) : state_(key) {}

  /// The next number.
  std::uint64_t next();

  /// A number in [0, bound), each as likely as the others: the upper half of the 128-bit product
  /// with `bound`, drawn again where the lower half is less than 2^64 mod bound (Lemire 2019).
  std::uint64_t below(std::uint64_t bound);

 private:
  std::uint64_t state_;
};

/// The order of `size` samples in an epoch: 0, 1 ... size - 1, shuffled from the end (Fisher-Yates:
/// place i changes with place `below(i + 1)`, for i = size - 1 .. 1) by the SplitMix64 with the key
///
///     first(seed) ^ first(first(stream + 1))
///
/// where first(k) is the first number of the SplitMix64 with the key k.
/// Equal arguments give equal orders on any machine, with any number of threads, in any version.
std::vector<std::int64_t> permutation(std::int64_t size, std::uint64_t seed, std::uint64_t stream);

/// The stream from which splits are drawn: one that no epoch reaches.
inline constexpr std::uint64_t kSplitStream = std::uint64_t{1} << 63;

}  // namespace assay::training
