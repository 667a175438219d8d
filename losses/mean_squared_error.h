// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/losses/loss.h>

namespace assay::losses {

/// Options of `MeanSquaredError`.
struct MeanSquaredErrorOptions {
  static constexpr auto class_name = "MeanSquaredError";
  Reduction reduction = Reduction::kSumOverBatchSize;
  std::string name = "mean_squared_error";
  std::optional<at::ScalarType> dtype;

  static constexpr auto fields() { return loss_fields<MeanSquaredErrorOptions>(); }
};

/// mean((y_true - y_pred)^2) over the last axis.
///
/// Shapes: [batch, d0 .. dN] both; values [batch, d0 .. dN-1].
/// Source: keras.losses.mean_squared_error.
at::Tensor mean_squared_error(const at::Tensor& y_true, const at::Tensor& y_pred);

/// The loss of `mean_squared_error`. Source: keras.losses.MeanSquaredError.
class MeanSquaredErrorImpl final : public LossOf<MeanSquaredErrorImpl, MeanSquaredErrorOptions> {
 public:
  using LossOf::LossOf;
  LossValues call(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

/// The holder of `MeanSquaredErrorImpl`.
using MeanSquaredError = LossHolder<MeanSquaredErrorImpl>;

}  // namespace assay::losses
