// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/iou_base.h>

namespace assay::metrics {

/// Options of `MeanIoU`.
struct MeanIoUOptions {
  static constexpr auto class_name = "MeanIoU";
  std::int64_t num_classes = 0;
  std::optional<std::int64_t> ignore_class;
  bool sparse_y_true = true;
  bool sparse_y_pred = true;
  std::int64_t axis = -1;
  std::string name = "mean_io_u";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() {
    using Self = MeanIoUOptions;
    return assay::fields(
        field("num_classes", &Self::num_classes, "Number of classes.", a_number_of_classes),
        field("ignore_class", &Self::ignore_class, "Label whose entries leave the metric."),
        field("sparse_y_true", &Self::sparse_y_true, "Labels are class ids, not one-hot."),
        field("sparse_y_pred", &Self::sparse_y_pred, "Predictions are class ids, not scores."),
        field("axis", &Self::axis, "The class axis of one-hot labels and of scores."),
        metric_fields<Self>());
  }
};

/// The mean intersection over union of all classes that occur: see IoUBase.
/// Source: keras.metrics.MeanIoU.
class MeanIoU final : public MetricOf<MeanIoU, MeanIoUOptions, IoUBase> {
 public:
  /// Errors: ValueError for an option out of its range.
  explicit MeanIoU(Options options = {});
};

}  // namespace assay::metrics
