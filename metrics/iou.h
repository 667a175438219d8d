// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/iou_base.h>

namespace assay::metrics {

/// Options of `IoU`.
struct IoUOptions {
  static constexpr auto class_name = "IoU";
  std::int64_t num_classes = 0;
  std::vector<std::int64_t> target_class_ids;
  std::optional<std::int64_t> ignore_class;
  bool sparse_y_true = true;
  bool sparse_y_pred = true;
  std::int64_t axis = -1;
  std::string name = "io_u";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() {
    using Self = IoUOptions;
    return assay::fields(
        field("num_classes", &Self::num_classes, "Number of classes.", a_number_of_classes),
        field("target_class_ids", &Self::target_class_ids, "The classes that count."),
        field("ignore_class", &Self::ignore_class, "Label whose entries leave the metric."),
        field("sparse_y_true", &Self::sparse_y_true, "Labels are class ids, not one-hot."),
        field("sparse_y_pred", &Self::sparse_y_pred, "Predictions are class ids, not scores."),
        field("axis", &Self::axis, "The class axis of one-hot labels and of scores."),
        metric_fields<Self>());
  }
};

/// The intersection over union of the classes `target_class_ids`, or its mean where they are
/// several: see IoUBase. Source: keras.metrics.IoU.
class IoU final : public MetricOf<IoU, IoUOptions, IoUBase> {
 public:
  /// Errors: ValueError for an option out of its range, or a target that is no class.
  explicit IoU(Options options = {});
};

}  // namespace assay::metrics
