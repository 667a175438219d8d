// SPDX-License-Identifier: Apache-2.0
#include <assay/core/operators/confusion_matrix.h>
#include <assay/core/shapes.h>
#include <assay/metrics/binary_iou.h>
#include <assay/metrics/metric-inl.h>

namespace assay::metrics {

BinaryIoU::BinaryIoU(Options options) : MetricOf(std::move(options)) {
  set_rule({.num_classes = 2,
            .target_class_ids = this->options().target_class_ids,
            .ignore_class = {},
            .sparse_y_true = true,
            .sparse_y_pred = true,
            .axis = -1});
}

SharedCounts BinaryIoU::shared_counts() const {
  return counts_of(std::make_shared<BinaryIoU>(BinaryIoUOptions{.threshold = options().threshold}));
}

void BinaryIoU::update(const at::Tensor& y_true, const at::Tensor& y_pred,
                       const at::Tensor& sample_weight) {
  TORCH_CHECK_VALUE(y_pred.defined(),
                    "y_pred is missing: BinaryIoU compares labels with "
                    "predictions");
  const auto [labels, scores] = align_same_shape(y_true, y_pred);
  add_binary_pairs(matrix(), missed(), labels, scores, weight_of(labels, sample_weight),
                   options().threshold);
}

void register_binary_iou(MetricRegistry& registry) { registry.add<BinaryIoU>(); }

}  // namespace assay::metrics
