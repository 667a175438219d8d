// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/metrics/mean_base.h>

namespace assay::metrics {

/// Options of `CosineSimilarity`.
struct CosineSimilarityOptions {
  static constexpr auto class_name = "CosineSimilarity";
  std::int64_t axis = -1;
  std::string name = "cosine_similarity";
  at::ScalarType dtype = at::kFloat;

  static constexpr auto fields() {
    using Self = CosineSimilarityOptions;
    return assay::fields(field("axis", &Self::axis, "The axis that holds one vector."),
                         metric_fields<Self>());
  }
};

/// The mean cosine of the angle between labels and predictions along `axis`: 1 for the same
/// direction, -1 for the opposite, 0 where a vector is all zeros. It is minus the mean of
/// `losses::cosine_similarity`.
///
/// Shapes: both [batch, d0 .. dN]. Errors: ValueError for shapes that differ, or a missing axis.
/// Source: keras.metrics.CosineSimilarity.
class CosineSimilarity final
    : public MetricOf<CosineSimilarity, CosineSimilarityOptions, MeanOfFunction> {
 public:
  using MetricOf::MetricOf;

 protected:
  losses::LossValues values(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

}  // namespace assay::metrics
