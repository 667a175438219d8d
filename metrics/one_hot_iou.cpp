// SPDX-License-Identifier: Apache-2.0
#include <assay/metrics/metric-inl.h>
#include <assay/metrics/one_hot_iou.h>

namespace assay::metrics {

OneHotIoU::OneHotIoU(Options options) : MetricOf(std::move(options)) {
  const auto& o = this->options();
  set_rule({o.num_classes, o.target_class_ids, o.ignore_class, false, o.sparse_y_pred, o.axis});
}

void register_one_hot_iou(MetricRegistry& registry) { registry.add<OneHotIoU>(); }

}  // namespace assay::metrics
