// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/labels.h>
#include <assay/core/no_class.h>
#include <assay/core/operators/class_hits.h>
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
  const auto predicted = row_argmax(y_pred, -1);
  const auto known = predicted.ne(kNoClass);
  const auto largest =
      y_pred.gather(-1, predicted.clamp_min(0).unsqueeze(-1)).squeeze(-1).to(at::kDouble);
  const auto confidence = at::where(known, largest, 1.0);
  const auto correct = predicted.eq(labels);
  const auto weight = sample_weight.defined()
                          ? align_sample_weight(sample_weight, confidence).expand_as(confidence)
                          : at::ones({}, confidence.options()).expand_as(confidence);

  const auto bins = options().num_bins;
  const auto upper_ends = at::arange(1, bins, confidence.options()) / static_cast<double>(bins);
  const auto bin = at::bucketize(confidence, upper_ends).reshape(-1);
  const auto sum = [&](const at::Tensor& values) {
    return at::zeros({bins}, confidence.options()).index_add(0, bin, values.reshape(-1));
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
