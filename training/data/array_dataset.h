// SPDX-License-Identifier: Apache-2.0
// Arrays out of files as samples.
#pragma once
#include <assay/core/options/fields.h>
#include <assay/training/data/dataset.h>

#include <c10/core/ScalarType.h>

#include <optional>

namespace assay::training {

/// Tensors whose `x` changes its type when rows are read, so that bytes in memory, or in a memory
/// map, stay bytes.
class ArrayDataset : public TensorDataset {
 public:
  /// What becomes of `x`.
  struct Conversion {
    std::optional<at::ScalarType> dtype = std::nullopt;  ///< nothing: as it is
    double scale = 1;                                    ///< what `x` is multiplied by, after that
  };

  /// Integer labels become int64. Errors: those of TensorDataset.
  ArrayDataset(Batch all, Conversion conversion);

  Batch rows(const std::vector<std::int64_t>& indices) const override;

 private:
  Conversion conversion_;
};

}  // namespace assay::training
