// SPDX-License-Identifier: Apache-2.0
#include <assay/core/operators/elementwise.h>
#include <assay/core/operators/row_products.h>
#include <assay/core/probabilities.h>
#include <assay/losses/cosine_similarity.h>
#include <assay/losses/loss-inl.h>

#include <cmath>

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
  static constexpr int statistics = 3;
  static at::Tensor composed(const at::Tensor& y_true, const at::Tensor& y_pred) {
    check_same_shape(y_true, y_pred);
    return -(unit_vectors(as_numbers(y_true, y_pred)) * unit_vectors(y_pred)).sum(-1);
  }

  // The statistics are both lengths and the value. Of l = max(|p|, epsilon) the gradient is
  //   (-t / max(|t|, epsilon) - value p / l) / l, without the second term where |p| < epsilon.
  static RowProductsKernel kernel() {
    return {.values = of_each_row([](const ScaledProducts& row) -> RowProductsKernel::Value {
              const double true_length = std::sqrt(row.tt) * row.t_scale;
              const double pred_length = std::sqrt(row.pp) * row.p_scale;
              const double value = -row.tp / (at_least_epsilon(true_length) / row.t_scale) /
                                   (at_least_epsilon(pred_length) / row.p_scale);
              return {value, {true_length, pred_length, value}};
            }),
            .slopes = of_each_row(
                [](const RowProductsKernel::Statistics& row) -> kernels::cpu::LinearGradient {
                  const double length = at_least_epsilon(row[1]);
                  return {.scale = 1 / length,
                          .of_true = -1 / at_least_epsilon(row[0]),
                          .of_pred = row[1] < kEpsilon ? 0 : -row[2] / length};
                }),
            .may_scale = true};
  }

  static double at_least_epsilon(double length) { return length < kEpsilon ? kEpsilon : length; }
};

using CosineSimilarityOperator = RowProductsOperator<CosineSimilarityFormula>;

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
