// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/wrapper_base.h>

namespace assay::metrics {

/// For shares that are neither nothing nor all.
inline constexpr Constraint<double> inside_unit_interval{
    [](const double& x) { return x > 0 && x < 1; }, "a number between 0 and 1"};

/// Options of `BootstrapInterval`.
struct BootstrapIntervalOptions {
  static constexpr auto class_name = "BootstrapInterval";
  std::shared_ptr<Metric> metric = {};
  std::int64_t resamples = 200;
  double confidence = 0.95;
  std::int64_t seed = 0;
  std::string name = "";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() {
    using Self = BootstrapIntervalOptions;
    return assay::fields(
        field("metric", &Self::metric, "The metric; it must take sample weights.", a_metric),
        field("resamples", &Self::resamples, "How many resamples are drawn.", at_least_two),
        field("confidence", &Self::confidence, "The share of resamples inside the interval.",
              inside_unit_interval),
        field("seed", &Self::seed, "Another seed draws other resamples."), metric_fields<Self>());
  }
};

/// A confidence interval of any metric, by Poisson bootstrap.
///
///     metrics::BootstrapInterval auc({.metric = metrics::get("auc"), .confidence = 0.9});
///     auc.update_state(y_true, y_pred);
///     auc.results();   // bootstrap_auc_mean, bootstrap_auc_low, bootstrap_auc_high
///
/// Every resample is a copy of the metric that sees each sample (entry of the first axis) with its
/// weight times an own draw from Poisson(1). `low` and `high` are the (1 - confidence)/2 and
/// (1 + confidence)/2 quantiles of the copies' results, linearly interpolated; `mean` is their
/// mean. The draw is a function of seed, resample and the sample's place in the stream (SplitMix64
/// as a counter), so it depends neither on the device nor on how the stream was cut into batches.
/// Merged metrics share the draws of the samples at one place, which leaves the interval valid for
/// independent samples.
///
/// Costs `resamples` times the metric. Result: [3, ..], the rows being mean, low and high.
/// Name: "bootstrap_" and the metric's, where none is given.
/// Variables: the metric's, [resamples, ..]; samples, int64.
/// Errors: ValueError for data without a first axis, or weights that do not fit.
/// Source: Hanley and MacGibbon, 2006; Chamandy et al., 2012.
class BootstrapInterval final
    : public MetricOf<BootstrapInterval, BootstrapIntervalOptions, WrapperBase> {
 public:
  /// Errors: ValueError for an option out of its range, or without a metric. The metric
  /// given stays as it is.
  explicit BootstrapInterval(BootstrapIntervalOptions options);

  std::vector<std::pair<std::string, at::Tensor>> results() const override;

 protected:
  void update(const at::Tensor& y_true, const at::Tensor& y_pred,
              const at::Tensor& sample_weight) override;
  at::Tensor compute() const override;
  void declare_own() override;
  std::size_t own_variables() const override { return 1; }

 private:
  at::Tensor draws(const at::Tensor& places, std::int64_t resample) const;

  at::Tensor* samples_ = nullptr;
  mutable at::Tensor poisson_;  // the distribution's cumulated probabilities, on the data's device
};

}  // namespace assay::metrics
