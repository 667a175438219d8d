// SPDX-License-Identifier: Apache-2.0
#include <assay/metrics/metric-inl.h>
#include <assay/metrics/one_hot_mean_iou.h>

namespace assay::metrics {

OneHotMeanIoU::OneHotMeanIoU(Options options) : MetricOf(std::move(options)) {
  const auto& o = this->options();
  set_rule(
      {o.num_classes, all_classes(o.num_classes), o.ignore_class, false, o.sparse_y_pred, o.axis});
}

void register_one_hot_mean_iou(MetricRegistry& registry) { registry.add<OneHotMeanIoU>(); }

}  // namespace assay::metrics
