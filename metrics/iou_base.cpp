// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/labels.h>
#include <assay/core/on_device.h>
#include <assay/core/shapes.h>
#include <assay/metrics/iou_base.h>
#include <assay/metrics/mean_iou.h>
#include <assay/metrics/quotient.h>

#include <numeric>

namespace assay::metrics {

void IoUBase::set_rule(Rule rule) {
  TORCH_CHECK_VALUE(!rule.target_class_ids.empty(), class_name(),
                    ".target_class_ids: must hold at least one class id");
  for (const auto id : rule.target_class_ids) {
    TORCH_CHECK_VALUE(id >= 0 && id < rule.num_classes, class_name(),
                      ".target_class_ids: must be in [0, ", rule.num_classes, "), got ", id);
  }
  rule_ = std::move(rule);
  make_matrix(rule_.num_classes);
}

std::vector<std::int64_t> IoUBase::all_classes(std::int64_t num_classes) {
  std::vector<std::int64_t> ids(static_cast<std::size_t>(num_classes));
  std::iota(ids.begin(), ids.end(), 0);
  return ids;
}

SharedCounts IoUBase::shared_counts() const {
  return counts_of(std::make_shared<MeanIoU>(MeanIoUOptions{.num_classes = rule_.num_classes,
                                                            .ignore_class = rule_.ignore_class,
                                                            .sparse_y_true = rule_.sparse_y_true,
                                                            .sparse_y_pred = rule_.sparse_y_pred,
                                                            .axis = rule_.axis}));
}

ConfusionBase::Ids IoUBase::ids_of(const at::Tensor& y_true, const at::Tensor& y_pred) const {
  const auto ids = [&](const at::Tensor& tensor, bool sparse, const char* argument) {
    return sparse ? class_ids(tensor, argument) : largest_classes(tensor, rule_.axis, argument);
  };
  const auto labels = ids(y_true, rule_.sparse_y_true, "y_true");
  const auto predictions = ids(y_pred, rule_.sparse_y_pred, "y_pred");
  const auto [label, predicted] = align_ranks(labels, predictions);
  TORCH_CHECK_VALUE(label.sizes() == predicted.sizes(), "y_true has shape ",
                    describe(y_true.sizes()), ", y_pred has shape ", describe(y_pred.sizes()),
                    "; expected one shape, class axes and a trailing 1 aside");
  return {labels, predictions, rule_.ignore_class};
}

at::Tensor IoUBase::compute() const {
  const auto counts = pairs();
  const auto right = counts.diagonal();
  const auto either = counts.sum(1) + counts.sum(0).slice(0, 0, classes()) - right;
  const auto targets = on_device(at::tensor(rule_.target_class_ids, at::kLong), counts.device());
  const auto scores = quotient(right, either).index_select(0, targets);
  const auto occurs = either.index_select(0, targets).ne(0);
  return quotient(scores.sum(), occurs.sum().to(at::kDouble));
}

}  // namespace assay::metrics
