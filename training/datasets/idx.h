// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/training/data/array_dataset.h>
#include <assay/training/data/relative_paths.h>

namespace assay::training::datasets {

/// Options of `IDX`.
struct IDXOptions {
  static constexpr auto class_name = "IDX";
  Path x = {};
  std::optional<Path> y = std::nullopt;
  at::ScalarType dtype = at::kFloat;
  double scale = 1;

  static constexpr auto fields() {
    using O = IDXOptions;
    return assay::fields(
        field("x", &O::x, "The file of the samples (train-images-idx3-ubyte), gzipped or not.",
              given_path),
        field("y", &O::y, "The file of the labels (train-labels-idx1-ubyte); null: no labels."),
        field("dtype", &O::dtype, "Type that x is converted to."),
        field("scale", &O::scale,
              "What x is multiplied by, after that: 0.00392156862745098 "
              "(1 / 255) makes grey values fractions.",
              finite));
  }
};

/// Arrays out of files in the MNIST set's format. `x` stays as small as in the file, and is
/// converted a batch at a time.
/// Errors: ValueError that names the file at fault.
class IDX final : public ArrayDataset {
 public:
  /// The plain struct with the dataset's options.
  using Options = IDXOptions;
  /// Opens or reads the file. Errors: see the class, and ValueError for an option out of its range.
  explicit IDX(const Options& options);
};

}  // namespace assay::training::datasets
