// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/mean_base.h>

#include <functional>
#include <memory>

namespace assay::metrics {

/// A function of labels and predictions, one value an entry; `mask` may leave entries out.
using ValuesFunction =
    std::function<losses::LossValues(const at::Tensor& y_true, const at::Tensor& y_pred)>;

/// The mean of any function of labels and predictions over samples.
///
///     MeanMetricWrapper metric([](auto& y_true, auto& y_pred) { ... return values; }, "mine");
///     auto same = metrics::get({"class_name": "MeanMetricWrapper",
///                               "config": {"fn": "mean_squared_error"}});
///
/// In JSON `fn` is the name of a loss, Keras's form of a function, or {"class_name", "config"} of a
/// loss; further keys are the loss's options. It is written as Keras writes it. A metric of a C++
/// function writes its name as `fn`, and is not made from JSON.
/// Source: keras.metrics.MeanMetricWrapper.
class MeanMetricWrapper final : public MeanOfFunction {
 public:
  /// Errors: ValueError where there is no function.
  explicit MeanMetricWrapper(ValuesFunction fn, std::string name = "mean_metric_wrapper",
                             at::ScalarType dtype = at::kFloat);
  /// The mean of a loss's unreduced values. Errors: ValueError where there is no loss.
  explicit MeanMetricWrapper(std::shared_ptr<losses::Loss> fn,
                             std::string name = "mean_metric_wrapper",
                             at::ScalarType dtype = at::kFloat);

  Json get_config() const override;
  std::string class_name() const override { return "MeanMetricWrapper"; }
  std::shared_ptr<Metric> fresh() const override;

 protected:
  losses::LossValues values(const at::Tensor& y_true, const at::Tensor& y_pred) const override;

 private:
  ValuesFunction fn_;
  std::shared_ptr<losses::Loss> loss_;  // null for a C++ function
};

}  // namespace assay::metrics
