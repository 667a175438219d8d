// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/dtype.h>
#include <assay/core/labels.h>
#include <assay/core/on_device.h>
#include <assay/core/options/config.h>
#include <assay/core/shapes.h>
#include <assay/metrics/quotient.h>
#include <assay/metrics/threshold_counts_base.h>

#include <algorithm>
#include <limits>

namespace assay::metrics {
namespace {

const char* name_of_count(ThresholdCount count) {
  constexpr const char* kNames[] = {"true_positives", "false_positives", "true_negatives",
                                    "false_negatives"};
  return kNames[static_cast<std::size_t>(count)];
}

/// The four counts of a rule, for the metrics of a collection that read them.
class SharedThresholdCounts final : public ThresholdCountsBase {
 public:
  SharedThresholdCounts(std::string name, CountingRule rule)
      : ThresholdCountsBase(std::move(name), at::kDouble) {
    keep_all(std::move(rule));
  }

  Json get_config() const override {
    return {{"thresholds", rule().thresholds.values()},
            {"evenly_spaced", rule().thresholds.is_evenly_spaced()},
            {"has_ends", rule().thresholds.has_ends()},
            {"top_k", assay::write_value(rule().top_k)},
            {"class_id", assay::write_value(rule().class_id)},
            {"from_logits", rule().from_logits},
            {"multi_label", rule().multi_label},
            {"num_labels", assay::write_value(rule().num_labels)},
            {"label_weights", rule().label_weights}};
  }
  std::string class_name() const override { return "SharedThresholdCounts"; }
  std::shared_ptr<Metric> fresh() const override {
    return std::make_shared<SharedThresholdCounts>(name(), rule());
  }

 protected:
  at::Tensor compute() const override { return at::stack(variables()); }
};

// What lies outside the row's k largest scores is set to -inf; a tie with the k-th stays.
at::Tensor only_top_k(const at::Tensor& scores, std::int64_t k) {
  TORCH_CHECK_VALUE(scores.dim() > 0 && scores.size(-1) >= k, "top_k is ", k, ", y_pred has shape ",
                    describe(scores.sizes()));
  const auto kth = std::get<0>(scores.topk(k, -1)).narrow(-1, k - 1, 1);
  const auto kept = scores.ge(kth).logical_and_(rows_without_nan(scores).unsqueeze(-1));
  return scores.masked_fill(kept.logical_not_(), -std::numeric_limits<double>::infinity());
}

at::Tensor entry(const at::Tensor& tensor, std::int64_t class_id) {
  TORCH_CHECK_VALUE(tensor.dim() > 1 && class_id < tensor.size(-1), "class_id is ", class_id,
                    ", y_pred has shape ", describe(tensor.sizes()),
                    "; expected [batch, .., classes] with class_id among the classes");
  return tensor.narrow(-1, class_id, 1);
}

}  // namespace

Thresholds thresholds_or(const NumberOrList& given, double otherwise) {
  return Thresholds(given.given() ? given.numbers() : std::vector<double>{otherwise});
}

SharedCounts ThresholdCountsBase::shared_counts() const {
  SharedCounts shared{std::make_shared<SharedThresholdCounts>(name(), rule_), {}};
  for (const auto which : kept_) shared.variables.emplace_back(name_of_count(which));
  return shared;
}

void ThresholdCountsBase::keep(CountingRule rule, std::initializer_list<Count> counts) {
  rule_ = std::move(rule);
  kept_ = counts;
  if (!rule_.multi_label) build(1);
  if (rule_.num_labels) build(*rule_.num_labels);
}

void ThresholdCountsBase::build(std::int64_t labels) {
  std::vector<std::int64_t> shape = {rule_.thresholds.size()};
  if (rule_.multi_label) shape.push_back(labels);
  for (const auto which : kept_) {
    add_state(kept_.size() == 1 ? "accumulator" : name_of_count(which), shape);
  }
  built_ = true;
}

void ThresholdCountsBase::build_for(const std::vector<at::Tensor>& values) {
  TORCH_CHECK_VALUE(values[0].defined() && values[0].dim() == 2,
                    "the state of a multi-label metric is [thresholds, labels], got ",
                    describe(values[0]));
  build(values[0].size(1));
}

void ThresholdCountsBase::update(const at::Tensor& y_true, const at::Tensor& y_pred,
                                 const at::Tensor& sample_weight) {
  TORCH_CHECK_VALUE(y_pred.defined(), "y_pred is missing: ", name(),
                    " compares labels with predictions");
  auto [labels, scores] = align_same_shape(y_true, to_compute(y_pred));
  if (rule_.multi_label) {
    TORCH_CHECK_VALUE(scores.dim() == 2, "multi_label takes [batch, labels], y_pred has shape ",
                      describe(y_pred.sizes()));
    TORCH_CHECK_VALUE(!built_ || state().variables()[0].value.size(1) == scores.size(1), name(),
                      " counts ", built_ ? state().variables()[0].value.size(1) : 0,
                      " labels, y_pred has shape ", describe(y_pred.sizes()));
  }
  if (rule_.from_logits) scores = scores.sigmoid();
  if (rule_.top_k) scores = only_top_k(scores, *rule_.top_k);
  if (rule_.class_id) {
    labels = entry(labels, *rule_.class_id);
    scores = entry(scores, *rule_.class_id);
  }
  at::Tensor weight;
  const auto in_double = scores.options().dtype(at::kDouble);
  if (sample_weight.defined()) {
    // A view without memory stands for the scores: weights keep their precision.
    const auto values = at::empty({}, in_double).expand(scores.sizes());
    weight = align_sample_weight(sample_weight, values).expand(scores.sizes());
  }
  if (!rule_.label_weights.empty()) {
    const auto number = static_cast<std::int64_t>(rule_.label_weights.size());
    TORCH_CHECK_VALUE(scores.dim() > 1 && scores.size(-1) == number, "label_weights has ", number,
                      " entries, y_pred has shape ", describe(y_pred.sizes()));
    if (!rule_.multi_label) {
      const auto by_label = label_weights(scores.device());
      weight = weight.defined() ? weight * by_label : by_label.expand(scores.sizes());
    }
  }

  if (!built_) {
    build(scores.size(1));
    to(scores.device());
  }
  std::vector<at::Tensor> counts;
  for (std::size_t i = 0; i < kept_.size(); ++i) counts.push_back(state().variables()[i].value);
  add_threshold_counts(counts, kept_, labels, scores, weight, rule_.thresholds, rule_.multi_label);
}

const at::Tensor& ThresholdCountsBase::label_weights(const at::Device& device) const {
  if (!label_weights_.defined() || label_weights_.device() != device) {
    label_weights_ = on_device(at::tensor(rule_.label_weights, at::kDouble), device);
  }
  return label_weights_;
}

at::Tensor ThresholdCountsBase::count(Count which) const {
  TORCH_CHECK_VALUE(built_, name(),
                    " does not know the number of labels before its first update; give num_labels");
  const auto found = std::find(kept_.begin(), kept_.end(), which);
  TORCH_INTERNAL_ASSERT(found != kept_.end(), "the metric keeps no ", name_of_count(which));
  return state().variables()[found - kept_.begin()].value;
}

at::Tensor ThresholdCountsBase::precision() const {
  return quotient(count(kTruePositives), count(kTruePositives) + count(kFalsePositives));
}

at::Tensor ThresholdCountsBase::recall() const {
  return quotient(count(kTruePositives), count(kTruePositives) + count(kFalseNegatives));
}

at::Tensor ThresholdCountsBase::specificity() const {
  return quotient(count(kTrueNegatives), count(kTrueNegatives) + count(kFalsePositives));
}

at::Tensor ThresholdCountsBase::per_threshold(const at::Tensor& values) const {
  return rule_.thresholds.size() == 1 ? values[0] : values;
}

}  // namespace assay::metrics
