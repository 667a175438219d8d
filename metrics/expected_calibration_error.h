// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/metric.h>

namespace assay::metrics {

/// Options of `ExpectedCalibrationError`.
struct ExpectedCalibrationErrorOptions {
  static constexpr auto class_name = "ExpectedCalibrationError";
  std::int64_t num_bins = 15;
  std::string name = "expected_calibration_error";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() {
    using Self = ExpectedCalibrationErrorOptions;
    return assay::fields(field("num_bins", &Self::num_bins,
                               "How many equal bins confidences are sorted into.", at_least_one),
                         metric_fields<Self>());
  }
};

/// How far a classifier's confidence is from how often it is right:
/// sum over bins of weight_b |accuracy_b - confidence_b| / total weight, from 0 to 1.
///
/// A row's confidence is its largest probability; bins are (i / n, (i + 1) / n], with what lies
/// outside (0, 1] in the first or the last. A row with a NaN is a miss made with confidence 1.
/// 0 before anything was counted.
/// Shapes: y_pred [batch, d0 .. dN], classes last (two columns for a binary classifier); y_true the
/// same without the last axis, or with a trailing 1; weights broadcast to the rows.
/// Errors: ValueError for other shapes, or a label out of range (on the CPU).
/// Variables: correct, confidence, weight, [num_bins] each: the points of a reliability diagram.
/// Source: Guo et al. 2017, On Calibration of Modern Neural Networks.
class ExpectedCalibrationError final
    : public MetricOf<ExpectedCalibrationError, ExpectedCalibrationErrorOptions> {
 public:
  /// Errors: ValueError for an option out of its range.
  explicit ExpectedCalibrationError(Options options = {});

 protected:
  void update(const at::Tensor& y_true, const at::Tensor& y_pred,
              const at::Tensor& sample_weight) override;
  at::Tensor compute() const override;

 private:
  at::Tensor& correct_;
  at::Tensor& confidence_;
  at::Tensor& weight_;
};

}  // namespace assay::metrics
