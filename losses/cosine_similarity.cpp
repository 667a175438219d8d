// SPDX-License-Identifier: Apache-2.0
#include <assay/core/elementwise.h>
#include <assay/core/probabilities.h>
#include <assay/losses/cosine_similarity.h>
#include <assay/losses/loss-inl.h>

namespace assay::losses {
namespace {

// Vectors of length 1, and shorter ones where the length is below epsilon.
at::Tensor unit_vectors(const at::Tensor& vectors) {
  if (vectors.size(-1) == 0) return vectors;
  // The squares of larger components would overflow.
  constexpr double kLargest = 1e15;
  const auto largest = vectors.detach().abs().amax(-1, /*keepdim=*/true);
  const auto scaled = vectors / at::where(largest.gt(kLargest), largest, 1.0);
  const auto square = scaled.square().sum(-1, /*keepdim=*/true);
  return scaled * square.clamp_min(kEpsilon * kEpsilon).rsqrt();
}

struct CosineSimilarityFormula {
  static constexpr auto name = "cosine_similarity";
  static constexpr auto options = "";
  static at::Tensor composed(const at::Tensor& y_true, const at::Tensor& y_pred) {
    check_same_shape(y_true, y_pred);
    return -(unit_vectors(as_numbers(y_true, y_pred)) * unit_vectors(y_pred)).sum(-1);
  }
};

using CosineSimilarityOperator = FusedOperator<CosineSimilarityFormula>;

TORCH_LIBRARY_FRAGMENT(assay, library) { CosineSimilarityOperator::define(library); }

}  // namespace

at::Tensor cosine_similarity(const at::Tensor& y_true, const at::Tensor& y_pred,
                             std::int64_t axis) {
  const auto [t, p] = align_same_shape(y_true, y_pred);
  TORCH_CHECK_VALUE(p.dim() > 0, "y_pred is a scalar; expected an axis of components");
  return CosineSimilarityOperator::call(axis_last(t, axis), axis_last(p, axis));
}

LossValues CosineSimilarityImpl::call(const at::Tensor& y_true, const at::Tensor& y_pred) const {
  return {losses::cosine_similarity(y_true, y_pred, options().axis)};
}

void register_cosine_similarity(LossRegistry& registry) { registry.add<CosineSimilarityImpl>(); }

}  // namespace assay::losses
