// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/losses/loss.h>

namespace assay::losses {

/// Options of `MeanSquaredLogarithmicError`.
struct MeanSquaredLogarithmicErrorOptions {
  static constexpr auto class_name = "MeanSquaredLogarithmicError";
  Reduction reduction = Reduction::kSumOverBatchSize;
  std::string name = "mean_squared_logarithmic_error";
  std::optional<at::ScalarType> dtype;

  static constexpr auto fields() { return loss_fields<MeanSquaredLogarithmicErrorOptions>(); }
};

/// mean((log(1 + max(y_true, 1e-7)) - log(1 + max(y_pred, 1e-7)))^2) over the last axis.
///
/// Shapes: [batch, d0 .. dN] both; values [batch, d0 .. dN-1].
/// Source: keras.losses.mean_squared_logarithmic_error.
at::Tensor mean_squared_logarithmic_error(const at::Tensor& y_true, const at::Tensor& y_pred);

/// The loss of `mean_squared_logarithmic_error`. Source: keras.losses.MeanSquaredLogarithmicError.
class MeanSquaredLogarithmicErrorImpl final
    : public LossOf<MeanSquaredLogarithmicErrorImpl, MeanSquaredLogarithmicErrorOptions> {
 public:
  using LossOf::LossOf;
  LossValues call(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

/// The holder of `MeanSquaredLogarithmicErrorImpl`.
using MeanSquaredLogarithmicError = LossHolder<MeanSquaredLogarithmicErrorImpl>;

}  // namespace assay::losses
