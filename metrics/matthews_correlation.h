// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/confusion_base.h>

namespace assay::metrics {

/// Options of `MatthewsCorrelation`.
struct MatthewsCorrelationOptions {
  static constexpr auto class_name = "MatthewsCorrelation";
  std::int64_t num_classes = 0;
  std::string name = "matthews_correlation";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() {
    using Self = MatthewsCorrelationOptions;
    return assay::fields(
        field("num_classes", &Self::num_classes, "Number of classes.", a_number_of_classes),
        metric_fields<Self>());
  }
};

/// The correlation of labels with predictions, from -1 through 0 (chance) to 1, also of more than
/// two classes. With n pairs, c right ones, t_k labels and p_k predictions of class k: (c n -
/// sum(t_k p_k)) / sqrt((n^2 - sum(t_k^2)) (n^2 - sum(p_k^2))), 0 for 0/0. Misses are a class of
/// their own that is only predicted.
///
/// Shapes, weights, errors: see ConfusionBase. Source: sklearn.metrics.matthews_corrcoef.
class MatthewsCorrelation final
    : public MetricOf<MatthewsCorrelation, MatthewsCorrelationOptions, ConfusionBase> {
 public:
  /// Errors: ValueError for an option out of its range.
  explicit MatthewsCorrelation(Options options = {});

 protected:
  at::Tensor compute() const override;
};

}  // namespace assay::metrics
