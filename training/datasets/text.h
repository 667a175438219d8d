// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/training/data/dataset.h>
#include <assay/training/data/relative_paths.h>

#include <cstdint>
#include <utility>

namespace assay::training::datasets {

/// Options of `Text`.
struct TextOptions {
  static constexpr auto class_name = "Text";
  Path path = {};
  std::int64_t length = 80;

  static constexpr auto fields() {
    using O = TextOptions;
    return assay::fields(
        field("path", &O::path, "The text file, in UTF-8.", given_path),
        field("length", &O::length, "Characters in a sample: longer lines are cut into several.",
              at_least_one));
  }
};

/// The lines of a text, for models that go on character by character: each line that is not blank
/// is a sample, padded to `length`.
///
/// A line "ab" gives x = "\nab" and y = "ab\n", as numbers of characters: 0 is the padding, 1 the
/// end of a line, and the others follow by code point; `names().classes` lists them. x has 0 where
/// the line is over, y has -1, which losses and metrics leave out as `ignore_class`. Blanks at a
/// line's ends are dropped, and what is cut off a long line goes on in a sample of its own.
/// Shapes: x and y [lines, length], int64.
/// Errors: ValueError for a file that is missing, blank, or no UTF-8.
class Text final : public TensorDataset {
 public:
  /// The plain struct with the dataset's options.
  using Options = TextOptions;
  /// Opens or reads the file. Errors: see the class, and ValueError for an option out of its range.
  explicit Text(const Options& options);

 private:
  explicit Text(std::pair<Batch, DatasetNames> content);
};

}  // namespace assay::training::datasets
