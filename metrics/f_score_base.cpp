// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/dtype.h>
#include <assay/core/field_values.h>
#include <assay/core/shapes.h>
#include <assay/metrics/f1_score.h>
#include <assay/metrics/f_score_base.h>
#include <assay/metrics/quotient.h>

namespace assay::metrics {
namespace {

// Keras's zero: a row of zeros has a largest entry, yet claims nothing.
constexpr double kZero = 1e-9;

at::Tensor claimed(const at::Tensor& y_pred, std::optional<double> threshold) {
  const auto p = to_compute(y_pred);
  if (threshold) return p.gt(*threshold);
  return p.eq(p.amax(-1, /*keepdim=*/true)).logical_and(p.abs().gt(kZero));
}

}  // namespace

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
  const bool together = average == "micro";
  auto t = y_true.to(at::kDouble);
  const auto yes = claimed(y_pred, threshold);
  const auto w = sample_weight.defined() ? align_sample_weight(sample_weight, t).expand_as(t)
                                         : at::ones({}, t.options()).expand_as(t);
  const auto sum = [&](const at::Tensor& values) {
    return together ? values.sum() : values.sum(0);
  };
  const auto weighted = w * t;
  const auto true_positives = sum(at::where(yes, weighted, 0.0));
  const auto false_positives = sum(at::where(yes, w * (1 - t), 0.0));
  const auto false_negatives = sum(at::where(yes, 0.0, weighted));
  const auto weights = sum(weighted);

  if (!true_positives_) build(true_positives.sizes(), t.device());
  labels_ = labels;
  true_positives_->add_(true_positives);
  false_positives_->add_(false_positives);
  false_negatives_->add_(false_negatives);
  intermediate_weights_->add_(weights);
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
