// SPDX-License-Identifier: Apache-2.0
// Class labels as integers, and axes that are not the last.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>

namespace assay {

/// A class axis as a non-negative number. Errors: ValueError where the predictions lack it.
std::int64_t class_axis(const at::Tensor& y_pred, std::int64_t axis);

/// Sparse labels as int64 of the predictions' shape without the class axis. A 1 on the class axis
/// or at the end is dropped; integers of any type and floats that hold integers are taken. Errors:
/// ValueError for another shape, or floats that hold no integers (checked on the CPU).
at::Tensor sparse_labels(const at::Tensor& y_true, const at::Tensor& y_pred, std::int64_t axis);

/// Floats on the CPU as int64, NaN as `of_nan`; nothing where one is no whole number.
std::optional<at::Tensor> whole_numbers(const at::Tensor& numbers,
                                        std::optional<std::int64_t> of_nan = {});

/// Labels as int64; floats that hold integers are taken.
/// Errors: ValueError for floats that hold no integers (checked on the CPU).
at::Tensor integer_labels(const at::Tensor& y_true);

/// Ids as int64, kNoClass for NaN; floats that hold integers are taken.
/// Errors: ValueError for floats that hold no integers (checked on the CPU).
at::Tensor class_ids(const at::Tensor& ids, const char* argument);

/// Checks that labels are in [0, classes), `ignore_class` aside. Errors: ValueError that names the
/// first bad label. Labels on another device than the CPU are not looked at: the host never waits,
/// and the device traps where it reads them.
void check_label_range(const at::Tensor& labels, std::int64_t classes,
                       std::optional<std::int64_t> ignore_class);

/// Sparse labels and predictions without the rows to ignore.
struct SparseRows {
  at::Tensor labels;  ///< int64, without the class axis; 0 where ignored
  at::Tensor y_pred;  ///< 0 where ignored, so that a NaN there reaches neither value nor gradient
  at::Tensor keep;    ///< bool, like the labels; undefined where no label can be ignored

  /// One value a row, 0 for ignored rows.
  at::Tensor without_ignored(const at::Tensor& values) const;
};

/// `sparse_labels` in range, and what is left of the predictions.
/// Errors: ValueError as in `sparse_labels` and `check_label_range`.
SparseRows sparse_rows(const at::Tensor& y_true, const at::Tensor& y_pred, std::int64_t axis,
                       std::optional<std::int64_t> ignore_class = {});

/// Labels in {-1, 1} from labels in {0, 1}; labels of which any is another number stay as they are.
/// Source: keras.losses (`convert_binary_labels_to_hinge`).
at::Tensor signed_labels(const at::Tensor& y_true);

/// Whether all labels, which are on the CPU, are 0 or 1.
bool are_binary_labels(const at::Tensor& y_true);

/// Which rows (last axis) hold no NaN.
at::Tensor rows_without_nan(const at::Tensor& rows);

}  // namespace assay
