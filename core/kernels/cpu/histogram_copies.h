// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace assay::kernels::cpu {

/// Neighbouring additions to a histogram often go to the same place, and each would wait for the
/// one before to be stored: a few copies of a small histogram take them in turn.
template <class Sum>
class HistogramCopies {
 public:
  static constexpr int64_t kCopies = 4;

  /// Whether copies pay for so many additions to `size` sums.
  static bool pay(int64_t size, int64_t additions) {
    constexpr int64_t kLargest = 4096;
    return size <= kLargest && additions > kCopies * size;
  }

  /// For so many additions to sums[size]; where copies do not pay, all are `sums` itself.
  HistogramCopies(Sum* sums, int64_t size, int64_t additions) : sums_(sums), size_(size) {
    if (pay(size, additions)) copied_.resize(static_cast<size_t>(kCopies * size));
    for (int64_t i = 0; i < kCopies; ++i) {
      copies_[i] = copied_.empty() ? sums : copied_.data() + i * size;
    }
  }

  /// The histogram for the i-th addition of some.
  Sum* operator[](int64_t i) const { return copies_[i % kCopies]; }

  /// Adds the copies to the sums, once all additions are done.
  void add_up() {
    if (copied_.empty()) return;
    for (const Sum* own : copies_) {
      for (int64_t i = 0; i < size_; ++i) sums_[i] += own[i];
    }
  }

 private:
  Sum* sums_;
  int64_t size_;
  std::vector<Sum> copied_;
  std::array<Sum*, kCopies> copies_;
};

}  // namespace assay::kernels::cpu
