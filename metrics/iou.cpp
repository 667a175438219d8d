// SPDX-License-Identifier: Apache-2.0
#include <assay/metrics/iou.h>
#include <assay/metrics/metric-inl.h>

namespace assay::metrics {

IoU::IoU(Options options) : MetricOf(std::move(options)) {
  const auto& o = this->options();
  set_rule({o.num_classes, o.target_class_ids, o.ignore_class, o.sparse_y_true, o.sparse_y_pred,
            o.axis});
}

void register_iou(MetricRegistry& registry) { registry.add<IoU>(); }

}  // namespace assay::metrics
