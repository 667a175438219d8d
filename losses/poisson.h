// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/losses/loss.h>

namespace assay::losses {

/// Options of `Poisson`.
struct PoissonOptions {
  static constexpr auto class_name = "Poisson";
  Reduction reduction = Reduction::kSumOverBatchSize;
  std::string name = "poisson";
  std::optional<at::ScalarType> dtype;

  static constexpr auto fields() { return loss_fields<PoissonOptions>(); }
};

/// mean(y_pred - y_true log(y_pred + 1e-7)) over the last axis: rates for counts.
///
/// Shapes: [batch, d0 .. dN] both; values [batch, d0 .. dN-1].
/// Source: keras.losses.poisson.
at::Tensor poisson(const at::Tensor& y_true, const at::Tensor& y_pred);

/// The loss of `poisson`. Source: keras.losses.Poisson.
class PoissonImpl final : public LossOf<PoissonImpl, PoissonOptions> {
 public:
  using LossOf::LossOf;
  LossValues call(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

/// The holder of `PoissonImpl`.
using Poisson = LossHolder<PoissonImpl>;

}  // namespace assay::losses
