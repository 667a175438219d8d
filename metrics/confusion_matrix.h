// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/confusion_base.h>

namespace assay::metrics {

/// For what the counts are divided by.
inline constexpr Constraint<std::optional<std::string>> a_normalization{
    [](const std::optional<std::string>& x) {
      return !x || *x == "true" || *x == "pred" || *x == "all";
    },
    "null, \"true\", \"pred\" or \"all\""};

/// Options of `ConfusionMatrix`.
struct ConfusionMatrixOptions {
  static constexpr auto class_name = "ConfusionMatrix";
  std::int64_t num_classes = 0;
  std::optional<std::string> normalize;
  std::string name = "confusion_matrix";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() {
    using Self = ConfusionMatrixOptions;
    return assay::fields(
        field("num_classes", &Self::num_classes, "Number of classes.", a_number_of_classes),
        field("normalize", &Self::normalize,
              "What counts are divided by: null (nothing), \"true\" (how often the label occurs), "
              "\"pred\" (how often the class is predicted), \"all\".",
              a_normalization),
        metric_fields<Self>());
  }
};

/// How often each class (row) was predicted as each (column): [num_classes, num_classes].
///
/// `normalize` "true" divides by the labels of the row, so that the diagonal is each class's
/// recall; "pred" by the predictions of the column: precision; "all" by all pairs. 0 for 0/0.
/// Misses count among a row's labels, so that its shares then sum to less than 1. The result is
/// float32 unless `dtype` says otherwise: beyond 2^24 counts, ask for float64. Shapes, weights,
/// errors: see ConfusionBase. Source: sklearn.metrics.confusion_matrix.
class ConfusionMatrix final
    : public MetricOf<ConfusionMatrix, ConfusionMatrixOptions, ConfusionBase> {
 public:
  /// Errors: ValueError for an option out of its range.
  explicit ConfusionMatrix(Options options = {});

 protected:
  at::Tensor compute() const override;
};

}  // namespace assay::metrics
