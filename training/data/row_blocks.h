// SPDX-License-Identifier: Apache-2.0
// A matrix that grows by rows.
#pragma once
#include <ATen/ATen.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>

namespace assay::training {

/// Rows in blocks, so that growing copies nothing, and the whole needs no more memory than the
/// matrix and one block.
template <class T>
class RowBlocks {
 public:
  /// A matrix without rows.
  explicit RowBlocks(std::int64_t columns)
      : columns_(columns),
        rows_of_block_(std::max<std::int64_t>(1, kBlock / std::max<std::int64_t>(1, columns))) {}

  /// The rows so far.
  std::int64_t rows() const { return rows_; }

  /// Adds a row, of as many numbers as there are columns.
  void add(std::span<const T> row) {
    if (rows_ == static_cast<std::int64_t>(blocks_.size()) * rows_of_block_) {
      blocks_.push_back(
          std::make_unique_for_overwrite<T[]>(static_cast<std::size_t>(rows_of_block_ * columns_)));
    }
    std::ranges::copy(row, blocks_.back().get() + (rows_ % rows_of_block_) * columns_);
    ++rows_;
  }

  /// The matrix; the blocks are gone then.
  at::Tensor take() {
    auto whole = at::empty({rows_, columns_}, c10::CppTypeToScalarType<T>::value);
    T* to = whole.template mutable_data_ptr<T>();
    for (std::int64_t left = rows_; left > 0; left -= rows_of_block_) {
      const auto count = std::min(left, rows_of_block_) * columns_;
      to = std::copy_n(blocks_.front().get(), count, to);
      blocks_.pop_front();
    }
    rows_ = 0;
    return whole;
  }

 private:
  static constexpr std::int64_t kBlock = std::int64_t{1} << 18;

  std::int64_t columns_;
  std::int64_t rows_of_block_;
  std::int64_t rows_ = 0;
  std::deque<std::unique_ptr<T[]>> blocks_;
};

}  // namespace assay::training
