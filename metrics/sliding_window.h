// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/wrapper_base.h>

namespace assay::metrics {

/// Options of `SlidingWindow`.
struct SlidingWindowOptions {
  static constexpr auto class_name = "SlidingWindow";
  std::shared_ptr<Metric> metric = {};
  std::int64_t window = 100;
  std::string name = "";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() {
    using Self = SlidingWindowOptions;
    return assay::fields(
        field("metric", &Self::metric, "The metric.", a_metric),
        field("window", &Self::window, "Over how many of the last updates.", at_least_one),
        metric_fields<Self>());
  }
};

/// Any metric over the last `window` updates, which are merged as states merge.
///
///     metrics::SlidingWindow recent({.metric = metrics::get("accuracy"), .window = 50});
///
/// It is what the metric would give for those updates alone, sums to one unit in the last place.
/// Merging two of them merges the last update of each with the last of the other, the one before
/// with the one before, and so on: as workers that update in step see the window.
/// Name: "sliding_" and the metric's, where none is given. Variables: the metric's, [window, ..],
/// the latest update last.
class SlidingWindow final : public MetricOf<SlidingWindow, SlidingWindowOptions, WrapperBase> {
 public:
  /// Errors: ValueError for an option out of its range, or without a metric. The metric
  /// given stays as it is.
  explicit SlidingWindow(SlidingWindowOptions options);

 protected:
  void update(const at::Tensor& y_true, const at::Tensor& y_pred,
              const at::Tensor& sample_weight) override;
  at::Tensor compute() const override;
};

}  // namespace assay::metrics
