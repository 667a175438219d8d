// SPDX-License-Identifier: Apache-2.0
// What the predictions of a finished run show.
#pragma once
#include <ATen/core/Tensor.h>
#include <assay/core/options/json.h>

#include <string>
#include <vector>

namespace assay::training::report {

/// For classifiers (labels that are class numbers, one-hot rows, or 0 and 1 with one prediction):
/// `classes`, `confusion` (rows are labels), `roc` and `precision_recall` (points, a class against
/// the rest), `calibration` (mean confidence, accuracy and number of rows of ten bins), `worst`
/// (the ten rows whose label has the lowest probability). For regression with one number a row:
/// `worst`, the ten largest errors. An empty object for anything else, and without labels.
///
/// Shapes: y_true [rows], [rows, 1] or [rows, classes]; y_pred [rows, classes] or [rows, 1].
Json findings(const at::Tensor& y_true, const at::Tensor& y_pred, bool from_logits, bool classifies,
              const std::vector<std::string>& class_names);

}  // namespace assay::training::report
