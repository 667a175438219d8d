// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/losses/loss.h>

namespace assay::losses {

/// Options of `Quantile`.
struct QuantileOptions {
  static constexpr auto class_name = "Quantile";
  double quantile = 0.5;
  Reduction reduction = Reduction::kSumOverBatchSize;
  std::string name = "quantile";
  std::optional<at::ScalarType> dtype;

  static constexpr auto fields() {
    using Self = QuantileOptions;
    return assay::fields(
        field("quantile", &Self::quantile, "The quantile that is predicted.", in_unit_interval),
        loss_fields<Self>());
  }
};

/// Pinball loss: mean(max(q e, (q - 1) e)) over the last axis, with e = y_true - y_pred.
///
/// Its minimum is the quantile q of the labels; q = 0.5 is half the mean absolute error.
///
/// Shapes: [batch, d0 .. dN] both; values [batch, d0 .. dN-1].
/// Source: sklearn.metrics.mean_pinball_loss; Keras has no such loss.
at::Tensor quantile(const at::Tensor& y_true, const at::Tensor& y_pred, double quantile = 0.5);

/// The loss of `quantile`.
class QuantileImpl final : public LossOf<QuantileImpl, QuantileOptions> {
 public:
  using LossOf::LossOf;
  LossValues call(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

/// The holder of `QuantileImpl`.
using Quantile = LossHolder<QuantileImpl>;

}  // namespace assay::losses
