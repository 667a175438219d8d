// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/f_score_base.h>

namespace assay::metrics {

/// Options of `F1Score`.
struct F1ScoreOptions {
  static constexpr auto class_name = "F1Score";
  std::optional<std::string> average;
  std::optional<Float> threshold;
  std::string name = "f1_score";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() {
    using Self = F1ScoreOptions;
    return assay::fields(
        field("average", &Self::average,
              "How the labels' scores become one; null leaves them apart.", an_average),
        field("threshold", &Self::threshold,
              "Predictions above it count as 1; null: the largest of each row does.", a_threshold),
        metric_fields<Self>());
  }
};

/// The harmonic mean of precision and recall, 2 TP / (2 TP + FN + FP): FScoreBase with beta 1.
/// Source: keras.metrics.F1Score.
class F1Score final : public MetricOf<F1Score, F1ScoreOptions, FScoreBase> {
 public:
  using MetricOf::MetricOf;

 protected:
  Rule rule() const override;
};

}  // namespace assay::metrics
