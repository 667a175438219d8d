// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/labels.h>
#include <assay/core/operators/class_hits.h>
#include <assay/core/operators/confusion_matrix.h>
#include <assay/core/shapes.h>
#include <assay/metrics/confusion_base.h>
#include <assay/metrics/confusion_matrix.h>

#include <tuple>
#include <utility>

namespace assay::metrics {
at::Tensor largest_classes(const at::Tensor& scores, std::int64_t axis, const char* argument) {
  TORCH_CHECK_VALUE(axis >= -scores.dim() && axis < scores.dim() && scores.size(axis) > 0, argument,
                    " has shape ", describe(scores.sizes()),
                    "; expected scores of classes on axis ", axis);
  return row_argmax(scores, axis);
}

SharedCounts ConfusionBase::shared_counts() const {
  return counts_of(
      std::make_shared<ConfusionMatrix>(ConfusionMatrixOptions{.num_classes = classes()}));
}

SharedCounts ConfusionBase::counts_of(std::shared_ptr<Metric> owner) {
  return {std::move(owner), {"total_confusion_matrix", "missed"}};
}

void ConfusionBase::make_matrix(std::int64_t classes) {
  matrix_ = &add_state("total_confusion_matrix", {classes, classes});
  missed_ = &add_state("missed", {classes});
}

ConfusionBase::Ids ConfusionBase::ids_of(const at::Tensor& y_true, const at::Tensor& y_pred) const {
  const auto [t, p] = align_ranks(y_true, y_pred);
  if (t.sizes() == p.sizes()) return {class_ids(t, "y_true"), class_ids(p, "y_pred"), {}};
  TORCH_CHECK_VALUE(y_pred.dim() > 0 && y_pred.size(-1) == classes(), "y_true has shape ",
                    describe(y_true.sizes()), ", y_pred has shape ", describe(y_pred.sizes()),
                    "; expected ids of one shape, or scores of ", classes(),
                    " classes on the last axis of y_pred");
  return {sparse_labels(y_true, y_pred, -1), largest_classes(y_pred, -1, "y_pred"), {}};
}

at::Tensor ConfusionBase::weight_of(const at::Tensor& labels, const at::Tensor& sample_weight) {
  if (!sample_weight.defined()) return {};
  // A view without memory stands for the pairs: weights keep their precision.
  const auto in_double = labels.options().dtype(at::kDouble);
  return align_sample_weight(sample_weight, at::empty({}, in_double).expand_as(labels));
}

ConfusionBase::Pairs ConfusionBase::pairs_of(const at::Tensor& y_true, const at::Tensor& y_pred,
                                             const at::Tensor& sample_weight) const {
  TORCH_CHECK_VALUE(y_pred.defined(), "y_pred is missing: ", class_name(),
                    " compares labels with predictions");
  auto ids = ids_of(y_true, y_pred);
  std::tie(ids.labels, ids.predictions) = align_same_shape(ids.labels, ids.predictions);
  auto weight = weight_of(ids.labels, sample_weight);
  return {std::move(ids), std::move(weight)};
}

void ConfusionBase::add(const Pairs& pairs) {
  const auto& [ids, weight] = pairs;
  add_class_pairs(*matrix_, *missed_, ids.labels, ids.predictions, weight, ids.ignore_class);
}

void ConfusionBase::update(const at::Tensor& y_true, const at::Tensor& y_pred,
                           const at::Tensor& sample_weight) {
  add(pairs_of(y_true, y_pred, sample_weight));
}

std::function<void()> ConfusionBase::prepared(const at::Tensor& y_true, const at::Tensor& y_pred,
                                              const at::Tensor& sample_weight) {
  // Pairs that are few beside the matrix are added without any memory, which might be missing.
  if (!y_true.is_cpu() || y_true.numel() > matrix_->numel() || !matrix_->is_contiguous()) return {};
  auto pairs = pairs_of(y_true, y_pred, sample_weight);
  auto& [ids, weight] = pairs;
  ids.labels = ids.labels.contiguous();
  ids.predictions = ids.predictions.contiguous();
  if (weight.defined()) weight = weight.expand_as(ids.labels).contiguous();
  return [this, pairs = std::move(pairs)] { add(pairs); };
}

at::Tensor ConfusionBase::pairs() const { return at::cat({*matrix_, missed_->unsqueeze(1)}, 1); }

}  // namespace assay::metrics
