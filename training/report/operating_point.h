// SPDX-License-Identifier: Apache-2.0
// The threshold of a binary classifier, chosen for a recall.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace assay::training::report {

/// What a threshold gives on some rows: a row counts as found where its score is at least it.
struct OperatingPoint {
  double threshold = 0;    ///< What a score must reach.
  double recall = 0;       ///< Share of the rows labelled 1 that are found.
  double precision = 0;    ///< Share of the rows found that are labelled 1; 0 where none is.
  std::int64_t found = 0;  ///< Rows found.
};

/// The highest threshold that finds at least this share of the rows labelled 1: the one with the
/// best recall for the fewest rows found.
///
/// Shapes: labels of 0 and 1 and scores, one a row: [rows] or [rows, 1].
/// Errors: ValueError for other shapes or labels, no row labelled 1, NaN among the scores, or a
/// recall outside (0, 1].
OperatingPoint point_of_recall(const at::Tensor& y_true, const at::Tensor& y_pred, double recall);

/// What a given threshold gives. Errors: ValueError as above.
OperatingPoint point_at(const at::Tensor& y_true, const at::Tensor& y_pred, double threshold);

}  // namespace assay::training::report
