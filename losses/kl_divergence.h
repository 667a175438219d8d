// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/losses/loss.h>

namespace assay::losses {

/// Options of `KLDivergence`.
struct KLDivergenceOptions {
  static constexpr auto class_name = "KLDivergence";
  Reduction reduction = Reduction::kSumOverBatchSize;
  std::string name = "kl_divergence";
  std::optional<at::ScalarType> dtype;

  static constexpr auto fields() { return loss_fields<KLDivergenceOptions>(); }
};

/// Kullback-Leibler divergence of predicted distributions p from targets t, over the last axis:
///
///   sum_j t_j log(t_j / p_j)
///
/// Both are clipped to [1e-7, 1] first, and not normalised.
///
/// Shapes: [batch, d0 .. dN] both; values [batch, d0 .. dN-1].
/// Source: keras.losses.kl_divergence.
at::Tensor kl_divergence(const at::Tensor& y_true, const at::Tensor& y_pred);

/// The loss of `kl_divergence`. Source: keras.losses.KLDivergence.
class KLDivergenceImpl final : public LossOf<KLDivergenceImpl, KLDivergenceOptions> {
 public:
  using LossOf::LossOf;
  LossValues call(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

/// The holder of `KLDivergenceImpl`.
using KLDivergence = LossHolder<KLDivergenceImpl>;

}  // namespace assay::losses
