// SPDX-License-Identifier: Apache-2.0
// Class labels as integers, and axes that are not the last.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>

namespace assay {

/// A class axis as a non-negative number. Errors: ValueError where the predictions lack it.
std::int64_t class_axis(const at::Tensor& y_pred, std::int64_t axis);

/// Sparse labels as int64 of the predictions' shape without the class axis. A trailing 1 is
/// dropped; integers of any type and floats that hold integers are taken.
/// Errors: ValueError for another shape, or floats that hold no integers (checked on the CPU).
at::Tensor sparse_labels(const at::Tensor& y_true, const at::Tensor& y_pred, std::int64_t axis);

/// Checks that labels are in [0, classes), `ignore_class` aside. Errors: ValueError that names the
/// first bad label. Labels on another device than the CPU are not looked at: the host never waits,
/// and the device traps where it reads them.
void check_label_range(const at::Tensor& labels, std::int64_t classes,
                       std::optional<std::int64_t> ignore_class);

/// Which rows (last axis) hold no NaN.
at::Tensor rows_without_nan(const at::Tensor& rows);

}  // namespace assay
