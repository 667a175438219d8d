// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/iou_base.h>

namespace assay::metrics {

/// Options of `BinaryIoU`.
struct BinaryIoUOptions {
  static constexpr auto class_name = "BinaryIoU";
  std::vector<std::int64_t> target_class_ids = {0, 1};
  double threshold = 0.5;
  std::string name = "binary_io_u";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() {
    using Self = BinaryIoUOptions;
    return assay::fields(
        field("target_class_ids", &Self::target_class_ids, "The classes that count: 0, 1 or both."),
        field("threshold", &Self::threshold, "Predictions of at least this are class 1.", finite),
        metric_fields<Self>());
  }
};

/// The intersection over union of two classes: a prediction of at least `threshold` is class 1, any
/// other class 0, and a NaN a miss. See IoUBase. Source: keras.metrics.BinaryIoU.
class BinaryIoU final : public MetricOf<BinaryIoU, BinaryIoUOptions, IoUBase> {
 public:
  /// Errors: ValueError for an option out of its range, or a target that is no class.
  explicit BinaryIoU(Options options = {});
  SharedCounts shared_counts() const override;

 protected:
  void update(const at::Tensor& y_true, const at::Tensor& y_pred,
              const at::Tensor& sample_weight) override;
  /// Nothing: the state is small.
  std::function<void()> prepared(const at::Tensor& y_true, const at::Tensor& y_pred,
                                 const at::Tensor& sample_weight) override {
    return {};
  }
};

}  // namespace assay::metrics
