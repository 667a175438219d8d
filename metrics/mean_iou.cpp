// SPDX-License-Identifier: Apache-2.0
#include <assay/metrics/mean_iou.h>
#include <assay/metrics/metric-inl.h>

namespace assay::metrics {

MeanIoU::MeanIoU(Options options) : MetricOf(std::move(options)) {
  const auto& o = this->options();
  set_rule({o.num_classes, all_classes(o.num_classes), o.ignore_class, o.sparse_y_true,
            o.sparse_y_pred, o.axis});
}

void register_mean_iou(MetricRegistry& registry) { registry.add<MeanIoU>(); }

}  // namespace assay::metrics
