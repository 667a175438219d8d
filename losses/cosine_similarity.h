// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/losses/loss.h>

namespace assay::losses {

/// Options of `CosineSimilarity`.
struct CosineSimilarityOptions {
  static constexpr auto class_name = "CosineSimilarity";
  std::int64_t axis = -1;
  Reduction reduction = Reduction::kSumOverBatchSize;
  std::string name = "cosine_similarity";
  std::optional<at::ScalarType> dtype;

  static constexpr auto fields() {
    using Self = CosineSimilarityOptions;
    return assay::fields(field("axis", &Self::axis, "The axis of the vectors' components."),
                         loss_fields<Self>());
  }
};

/// Minus the cosine of the angle between labels and predictions along `axis`: -1 where they point
/// the same way, 0 where they are orthogonal or one of them is all zeros.
///
///   -sum(y_true / max(|y_true|, 1e-7) y_pred / max(|y_pred|, 1e-7)), with |.| the Euclidean norm.
///
/// Shapes: [batch, d0 .. dN] both; values lack `axis`.
/// Errors: ValueError for shapes that differ, or that lack the axis.
/// Source: keras.losses.cosine_similarity.
at::Tensor cosine_similarity(const at::Tensor& y_true, const at::Tensor& y_pred,
                             std::int64_t axis = -1);

/// The loss of `cosine_similarity`. Source: keras.losses.CosineSimilarity.
class CosineSimilarityImpl final : public LossOf<CosineSimilarityImpl, CosineSimilarityOptions> {
 public:
  using LossOf::LossOf;
  LossValues call(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

/// The holder of `CosineSimilarityImpl`.
using CosineSimilarity = LossHolder<CosineSimilarityImpl>;

}  // namespace assay::losses
