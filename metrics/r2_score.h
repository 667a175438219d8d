// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/metric.h>

namespace assay::metrics {

/// For how the outputs' scores become one.
inline constexpr Constraint<std::optional<std::string>> a_class_aggregation{
    [](const std::optional<std::string>& x) {
      return !x || *x == "uniform_average" || *x == "variance_weighted_average";
    },
    "null, \"uniform_average\" or \"variance_weighted_average\""};

/// Options of `R2Score`.
struct R2ScoreOptions {
  static constexpr auto class_name = "R2Score";
  std::optional<std::string> class_aggregation = "uniform_average";
  std::int64_t num_regressors = 0;
  std::string name = "r2_score";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() {
    using Self = R2ScoreOptions;
    return assay::fields(
        field("class_aggregation", &Self::class_aggregation,
              "How the columns' scores become one; null leaves them apart.", a_class_aggregation),
        field("num_regressors", &Self::num_regressors,
              "Number of predictors that the score is adjusted by; 0: not.",
              {[](const std::int64_t& x) { return x >= 0; }, "an integer of at least 0"}),
        metric_fields<Self>());
  }
};

/// The share of the targets' variance that predictions explain, for each column:
/// R2 = 1 - sum(w (t - p)^2) / sum(w (t - mean(t))^2).
///
/// `uniform_average` is the mean of the columns' scores, `variance_weighted_average` weighs them by
/// their variance, null gives [columns]. With `num_regressors` k > 0 and n target entries seen, the
/// score becomes 1 - (1 - R2) (n - 1) / (n - k - 1), where n - 1 > k.
///
/// A target that never varies scores 0 (unlike Keras: NaN where it is met). The sums make it
/// accurate to about 1e-16 (mean / deviation)^2 of the target: centre targets whose mean is a
/// million deviations away. Shapes: both [batch, columns] (one of them may be [batch] where there
/// is one column); weights broadcast to them. Errors: ValueError for other shapes, another number
/// of columns than before, and for a result before the first update, when the columns are not
/// known. Variables: num_samples, squared_sum, sum, residual, count (Keras's), lowest, highest;
/// made at the first update. Source: keras.metrics.R2Score.
class R2Score final : public MetricOf<R2Score, R2ScoreOptions> {
 public:
  using MetricOf::MetricOf;

 protected:
  void update(const at::Tensor& y_true, const at::Tensor& y_pred,
              const at::Tensor& sample_weight) override;
  at::Tensor compute() const override;
  void build_for(const std::vector<at::Tensor>& values) override;

 private:
  void build(std::int64_t columns, const at::Device& device);

  at::Tensor* num_samples_ = nullptr;
  at::Tensor* squared_sum_ = nullptr;
  at::Tensor* sum_ = nullptr;
  at::Tensor* residual_ = nullptr;
  at::Tensor* count_ = nullptr;
  // Of the targets that have a weight: sums alone, being rounded, do not show that all are equal.
  at::Tensor* lowest_ = nullptr;
  at::Tensor* highest_ = nullptr;
};

}  // namespace assay::metrics
