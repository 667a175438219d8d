// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/iou_base.h>

namespace assay::metrics {

/// Options of `OneHotMeanIoU`.
struct OneHotMeanIoUOptions {
  static constexpr auto class_name = "OneHotMeanIoU";
  std::int64_t num_classes = 0;
  std::optional<std::int64_t> ignore_class;
  bool sparse_y_pred = false;
  std::int64_t axis = -1;
  std::string name = "one_hot_mean_io_u";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() {
    using Self = OneHotMeanIoUOptions;
    return assay::fields(
        field("num_classes", &Self::num_classes, "Number of classes.", a_number_of_classes),
        field("ignore_class", &Self::ignore_class, "Label whose entries leave the metric."),
        field("sparse_y_pred", &Self::sparse_y_pred, "Predictions are class ids, not scores."),
        field("axis", &Self::axis, "The class axis of one-hot labels and of scores."),
        metric_fields<Self>());
  }
};

/// MeanIoU of one-hot labels and scores: see IoUBase.
/// Source: keras.metrics.OneHotMeanIoU.
class OneHotMeanIoU final : public MetricOf<OneHotMeanIoU, OneHotMeanIoUOptions, IoUBase> {
 public:
  /// Errors: ValueError for an option out of its range.
  explicit OneHotMeanIoU(Options options = {});
};

}  // namespace assay::metrics
