// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/training/data/array_dataset.h>
#include <assay/training/data/relative_paths.h>

namespace assay::training::datasets {

/// Options of `NPZ`.
struct NPZOptions {
  static constexpr auto class_name = "NPZ";
  Path path = {};
  std::string x = "x";
  std::optional<std::string> y = "y";
  std::optional<std::string> sample_weight = std::nullopt;
  std::optional<at::ScalarType> dtype = std::nullopt;
  double scale = 1;

  static constexpr auto fields() {
    using O = NPZOptions;
    return assay::fields(
        field("path", &O::path, "The .npz file.", given_path),
        field("x", &O::x, "Name of the array of the samples."),
        field("y", &O::y, "Name of the array of the labels; null: no labels."),
        field("sample_weight", &O::sample_weight, "Name of the array of the weights; null: none."),
        field("dtype", &O::dtype, "Type that x is converted to; null: the file's."),
        field("scale", &O::scale, "What x is multiplied by, after that.", finite));
  }
};

/// Arrays out of one .npz file, as np.savez(path, x=..., y=...) and np.savez_compressed write it.
/// Errors: ValueError that names the file and the array at fault.
class NPZ final : public ArrayDataset {
 public:
  /// The plain struct with the dataset's options.
  using Options = NPZOptions;
  /// Opens or reads the file. Errors: see the class, and ValueError for an option out of its range.
  explicit NPZ(const Options& options);
};

}  // namespace assay::training::datasets
