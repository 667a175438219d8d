// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/training/data/array_dataset.h>
#include <assay/training/data/relative_paths.h>

namespace assay::training::datasets {

/// Options of `NPY`.
struct NPYOptions {
  static constexpr auto class_name = "NPY";
  Path x = {};
  std::optional<Path> y = std::nullopt;
  std::optional<Path> sample_weight = std::nullopt;
  std::optional<at::ScalarType> dtype = std::nullopt;
  double scale = 1;

  static constexpr auto fields() {
    using O = NPYOptions;
    return assay::fields(
        field("x", &O::x, "The .npy file of the samples.", given_path),
        field("y", &O::y, "The .npy file of the labels; null: no labels."),
        field("sample_weight", &O::sample_weight, "The .npy file of the weights; null: none."),
        field("dtype", &O::dtype, "Type that x is converted to; null: the file's."),
        field("scale", &O::scale, "What x is multiplied by, after that.", finite));
  }
};

/// Arrays out of NumPy's .npy files. `x` stays in the file, mapped into memory, and is converted a
/// batch at a time.
/// Errors: ValueError that names the file at fault.
class NPY final : public ArrayDataset {
 public:
  /// The plain struct with the dataset's options.
  using Options = NPYOptions;
  /// Opens or reads the file. Errors: see the class, and ValueError for an option out of its range.
  explicit NPY(const Options& options);
};

}  // namespace assay::training::datasets
