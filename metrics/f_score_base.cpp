// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/operators/f_score_counts.h>
#include <assay/core/options/field_values.h>
#include <assay/core/shapes.h>
#include <assay/metrics/f1_score.h>
#include <assay/metrics/f_score_base.h>
#include <assay/metrics/quotient.h>

namespace assay::metrics {

Json write_value(Float value) { return value.value; }

void read_value(const Json& in, Float& value, const std::string& path) {
  if (!in.is_number_float()) wrong_value(in, path, "a float (1.0, not 1)");
  assay::read_value(in, value.value, path);
}

Json value_schema(const Float*) { return assay::value_schema(static_cast<const double*>(nullptr)); }

SharedCounts FScoreBase::shared_counts() const {
  const auto [beta, average, threshold] = rule();
  F1ScoreOptions options;
  if (average == "micro") options.average = average;
  if (threshold) options.threshold = *threshold;
  return {std::make_shared<F1Score>(options),
          {"true_positives", "false_positives", "false_negatives", "intermediate_weights"}};
}

void FScoreBase::update(const at::Tensor& y_true, const at::Tensor& y_pred,
                        const at::Tensor& sample_weight) {
  TORCH_CHECK_VALUE(y_pred.defined(), "y_pred is missing: ", class_name(),
                    " compares labels with predictions");
  TORCH_CHECK_VALUE(y_true.dim() == 2 && y_true.sizes() == y_pred.sizes() && y_true.size(1) > 0,
                    class_name(), " takes [batch, labels], got y_true of shape ",
                    describe(y_true.sizes()), " and y_pred of shape ", describe(y_pred.sizes()));
  const auto labels = y_true.size(1);
  TORCH_CHECK_VALUE(!labels_ || *labels_ == labels, class_name(), " has seen ", labels_.value_or(0),
                    " labels, got ", labels);
  const auto [beta, average, threshold] = rule();
  at::Tensor weight;
  if (sample_weight.defined()) {
    // A view without memory stands for the labels: weights keep their precision.
    const auto in_double = y_pred.options().dtype(at::kDouble);
    weight = align_sample_weight(sample_weight, at::empty({}, in_double).expand_as(y_true));
  }
  if (!true_positives_) {
    const std::int64_t each[] = {labels};
    build(average == "micro" ? at::IntArrayRef() : at::IntArrayRef(each), y_pred.device());
  }
  labels_ = labels;
  add_f_score_counts(
      {*true_positives_, *false_positives_, *false_negatives_, *intermediate_weights_}, y_true,
      y_pred, weight, threshold);
}

at::Tensor FScoreBase::compute() const {
  TORCH_CHECK_VALUE(true_positives_, class_name(),
                    " has no result before the first update: the number of labels is not known");
  const auto [beta, average, threshold] = rule();
  const double squared = beta * beta;
  const auto right = (1 + squared) * *true_positives_;
  const auto score = quotient(right, right + squared * *false_negatives_ + *false_positives_);
  if (!average) return score;
  if (average == "weighted") {
    return quotient((score * *intermediate_weights_).sum(), intermediate_weights_->sum());
  }
  return score.mean();
}

void FScoreBase::build_for(const std::vector<at::Tensor>& values) {
  const std::int64_t rank = rule().average == "micro" ? 0 : 1;
  const bool fits = values.size() == 4 && values[0].defined() && values[0].dim() == rank;
  if (!true_positives_ && fits) build(values[0].sizes(), values[0].device());
}

void FScoreBase::build(at::IntArrayRef shape, const at::Device& device) {
  if (!shape.empty()) labels_ = shape[0];
  true_positives_ = &add_state("true_positives", shape);
  false_positives_ = &add_state("false_positives", shape);
  false_negatives_ = &add_state("false_negatives", shape);
  intermediate_weights_ = &add_state("intermediate_weights", shape);
  to(device);
}

}  // namespace assay::metrics
