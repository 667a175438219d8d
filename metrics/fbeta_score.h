// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/f_score_base.h>

namespace assay::metrics {

/// Options of `FBetaScore`.
struct FBetaScoreOptions {
  static constexpr auto class_name = "FBetaScore";
  std::optional<std::string> average;
  Float beta = 1.0;
  std::optional<Float> threshold;
  std::string name = "fbeta_score";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() {
    using Self = FBetaScoreOptions;
    return assay::fields(
        field("average", &Self::average,
              "How the labels' scores become one; null leaves them apart.", an_average),
        field("beta", &Self::beta, "How much more recall counts than precision.",
              {[](const Float& x) { return x > 0; }, "a number greater than 0"}),
        field("threshold", &Self::threshold,
              "Predictions above it count as 1; null: the largest of each row does.", a_threshold),
        metric_fields<Self>());
  }
};

/// The harmonic mean of precision and recall in which recall counts `beta` times as much: see
/// FScoreBase. Source: keras.metrics.FBetaScore.
class FBetaScore final : public MetricOf<FBetaScore, FBetaScoreOptions, FScoreBase> {
 public:
  using MetricOf::MetricOf;

 protected:
  Rule rule() const override;
};

}  // namespace assay::metrics
