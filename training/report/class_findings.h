// SPDX-License-Identifier: Apache-2.0
// What the predictions of a classifier show.
#pragma once
#include <ATen/core/Tensor.h>
#include <assay/core/options/json.h>
#include <assay/metrics/precision_recall_curve.h>
#include <assay/metrics/roc_curve.h>
#include <assay/training/report/prediction_form.h>
#include <assay/training/report/worst_rows.h>

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace assay::training::report {

/// `classes`, `confusion` (rows are labels), `roc` and `precision_recall` (points, a class against
/// the rest), `calibration` (mean confidence, accuracy and number of places of ten bins), `worst`
/// (the ten places whose label has the lowest probability).
class ClassFindings {
 public:
  /// `class_names` may be fewer than there are classes.
  explicit ClassFindings(std::vector<std::string> class_names)
      : class_names_(std::move(class_names)) {}

  /// The places of a batch whose first row is `first_row`; false where they have another number of
  /// classes than those before.
  bool add(const ClassRows& rows, std::int64_t first_row);

  /// Of all places so far; an empty object without one.
  Json json();

 private:
  struct ClassCurves {
    explicit ClassCurves(std::int64_t class_id) : id(class_id) {}
    std::int64_t id;
    metrics::ROCCurve roc{{.num_thresholds = 101}};
    metrics::PrecisionRecallCurve precision_recall{{.num_thresholds = 101}};
  };

  void begin(std::int64_t classes);
  void count_gathered();
  void calibrate(const at::Tensor& confidence, const at::Tensor& hit);
  std::string name(std::int64_t id) const;

  std::vector<std::string> class_names_;
  std::int64_t classes_ = 0;
  std::vector<at::Tensor> labels_;  // what is not counted yet: counting many at once is cheaper
  std::vector<at::Tensor> probabilities_;
  std::int64_t gathered_ = 0;
  at::Tensor confusion_;    // int64 [classes * classes]; undefined where there are too many
  at::Tensor calibration_;  // float64 [3, bins]: sums of confidence, of hits, of places
  std::deque<ClassCurves> curves_;
  WorstRows worst_;
};

}  // namespace assay::training::report
