// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/labels.h>
#include <assay/core/shapes.h>
#include <assay/metrics/expected_calibration_error.h>
#include <assay/metrics/metric-inl.h>
#include <assay/metrics/quotient.h>

namespace assay::metrics {

ExpectedCalibrationError::ExpectedCalibrationError(Options options)
    : MetricOf(std::move(options)),
      correct_(add_state("correct", {this->options().num_bins})),
      confidence_(add_state("confidence", {this->options().num_bins})),
      weight_(add_state("weight", {this->options().num_bins})) {}

void ExpectedCalibrationError::update(const at::Tensor& y_true, const at::Tensor& y_pred,
                                      const at::Tensor& sample_weight) {
  TORCH_CHECK_VALUE(y_pred.defined(),
                    "y_pred is missing: ExpectedCalibrationError compares labels "
                    "with predictions");
  const auto labels = sparse_labels(y_true, y_pred, -1);
  check_label_range(labels, y_pred.size(-1), std::nullopt);
  const auto p = y_pred.to(at::kDouble);
  auto [confidence, predicted] = p.max(-1);
  const auto known = rows_without_nan(p);
  confidence = at::where(known, confidence, 1.0);
  const auto correct = predicted.eq(labels).logical_and(known);
  const auto weight = sample_weight.defined()
                          ? align_sample_weight(sample_weight, confidence).expand_as(confidence)
                          : at::ones({}, p.options()).expand_as(confidence);

  const auto bins = options().num_bins;
  const auto upper_ends = at::arange(1, bins, p.options()) / static_cast<double>(bins);
  const auto bin = at::bucketize(confidence, upper_ends).reshape(-1);
  const auto sum = [&](const at::Tensor& values) {
    return at::zeros({bins}, p.options()).index_add(0, bin, values.reshape(-1));
  };
  const auto correct_sum = sum(at::where(correct, weight, 0.0));
  const auto confidence_sum = sum(weight * confidence);
  const auto weight_sum = sum(weight);
  correct_.add_(correct_sum);
  confidence_.add_(confidence_sum);
  weight_.add_(weight_sum);
}

at::Tensor ExpectedCalibrationError::compute() const {
  return quotient((correct_ - confidence_).abs().sum(), weight_.sum());
}

void register_expected_calibration_error(MetricRegistry& registry) {
  registry.add<ExpectedCalibrationError>({"ece"});
}

}  // namespace assay::metrics
