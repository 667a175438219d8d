// SPDX-License-Identifier: Apache-2.0
// The numbers of a CSV file's row as bytes, and back.
#pragma once
#include <ATen/core/Tensor.h>
#include <assay/training/data/dataset.h>
#include <c10/core/ScalarType.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#pragma GCC visibility push(hidden)
namespace assay::training {

/// How a row is laid out: its features, its weight where there is one, its label where there is
/// one, which is a double.
class CsvRecords {
 public:
  /// `dtype` is that of features and weights.
  CsvRecords(std::int64_t features, at::ScalarType dtype, bool has_weight, bool has_label);

  /// Bytes of a row.
  std::size_t size() const { return features_bytes_ + weight_bytes_ + label_bytes_; }

  /// Writes a row: `features` and `weight` have the dtype.
  template <class T>
  void pack(std::span<const T> features, const T& weight, double label,
            std::span<std::byte> record) const {
    put(std::as_bytes(features), features_bytes_, record);
    put(std::as_bytes(std::span(&weight, 1)), weight_bytes_, record);
    put(std::as_bytes(std::span(&label, 1)), label_bytes_, record);
  }

  /// Tensors for so many rows, to be filled by `unpack`; labels are float64.
  Batch tensors(std::int64_t rows) const;

  /// Copies rows into such tensors, from a row on.
  void unpack(std::span<const std::byte> records, const Batch& to, std::int64_t first = 0) const;

 private:
  static void put(std::span<const std::byte> value, std::size_t bytes,
                  std::span<std::byte>& record);

  std::int64_t features_;
  at::ScalarType dtype_;
  std::size_t features_bytes_;
  std::size_t weight_bytes_;
  std::size_t label_bytes_;
};

/// What the numbers of rows become once all rows are known.
struct CsvFinalNumbers {
  /// Features that are texts, by their place, with the final number of each text.
  std::vector<std::pair<std::int64_t, std::vector<std::int64_t>>> categories;
  at::Tensor classes;                        ///< The same of labels; undefined: they are numbers.
  at::ScalarType label_dtype = at::kDouble;  ///< Of labels that are numbers.

  /// Changes rows as `CsvRecords` gives them into what users see.
  Batch operator()(Batch rows) const;
};

}  // namespace assay::training
#pragma GCC visibility pop
