// SPDX-License-Identifier: Apache-2.0
#include <assay/core/dtype.h>
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

ConfusionBase::Ids BinaryIoU::ids_of(const at::Tensor& y_true, const at::Tensor& y_pred) const {
  const auto p = to_compute(y_pred);
  const auto predicted = p.ge(options().threshold).to(at::kLong).masked_fill_(p.isnan(), kNoClass);
  return IoUBase::ids_of(y_true, predicted);
}

void register_binary_iou(MetricRegistry& registry) { registry.add<BinaryIoU>(); }

}  // namespace assay::metrics
