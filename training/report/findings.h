// SPDX-License-Identifier: Apache-2.0
// What the predictions of a finished run show.
#pragma once
#include <ATen/core/Tensor.h>
#include <assay/core/options/json.h>
#include <assay/training/report/class_findings.h>
#include <assay/training/report/error_findings.h>
#include <assay/training/report/prediction_form.h>

#include <cstdint>
#include <string>
#include <vector>

namespace assay::training::report {

/// For classifiers (labels that are class numbers, one-hot rows, or 0 and 1 with one prediction):
/// see ClassFindings. For regression with one number a row: see ErrorFindings. Nothing for anything
/// else, and without labels.
///
/// Batches are added one by one; memory holds a few of them.
class Findings {
 public:
  /// `class_names` are those of 0, 1 ...; may be fewer than there are classes.
  Findings(PredictionForm form, std::vector<std::string> class_names);

  /// Shapes: y_true [rows], [rows, 1] or [rows, classes]; y_pred [rows, classes] or [rows, 1]. Of
  /// classifiers y_pred may have further axes; y_true then has them too, with or without that of
  /// classes.
  void add(const at::Tensor& y_true, const at::Tensor& y_pred);

  /// Of all batches so far; an empty object where there is nothing to be said.
  Json json();

 private:
  void add_rows(const at::Tensor& y_true, const at::Tensor& y_pred);
  void add_errors(const at::Tensor& y_true, const at::Tensor& y_pred);

  PredictionForm form_;
  ClassFindings classes_;
  ErrorFindings errors_;
  std::int64_t rows_ = 0;
  bool apply_ = true;
};

}  // namespace assay::training::report
