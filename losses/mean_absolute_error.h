// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/losses/loss.h>

namespace assay::losses {

/// Options of `MeanAbsoluteError`.
struct MeanAbsoluteErrorOptions {
  static constexpr auto class_name = "MeanAbsoluteError";
  Reduction reduction = Reduction::kSumOverBatchSize;
  std::string name = "mean_absolute_error";
  std::optional<at::ScalarType> dtype;

  static constexpr auto fields() { return loss_fields<MeanAbsoluteErrorOptions>(); }
};

/// mean(|y_true - y_pred|) over the last axis.
///
/// Shapes: [batch, d0 .. dN] both; values [batch, d0 .. dN-1].
/// Source: keras.losses.mean_absolute_error.
at::Tensor mean_absolute_error(const at::Tensor& y_true, const at::Tensor& y_pred);

/// The loss of `mean_absolute_error`. Source: keras.losses.MeanAbsoluteError.
class MeanAbsoluteErrorImpl final : public LossOf<MeanAbsoluteErrorImpl, MeanAbsoluteErrorOptions> {
 public:
  using LossOf::LossOf;
  LossValues call(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

/// The holder of `MeanAbsoluteErrorImpl`.
using MeanAbsoluteError = LossHolder<MeanAbsoluteErrorImpl>;

}  // namespace assay::losses
