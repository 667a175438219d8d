// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/losses/loss.h>

namespace assay::losses {

/// Options of `MeanAbsolutePercentageError`.
struct MeanAbsolutePercentageErrorOptions {
  static constexpr auto class_name = "MeanAbsolutePercentageError";
  Reduction reduction = Reduction::kSumOverBatchSize;
  std::string name = "mean_absolute_percentage_error";
  std::optional<at::ScalarType> dtype;

  static constexpr auto fields() { return loss_fields<MeanAbsolutePercentageErrorOptions>(); }
};

/// 100 mean(|y_true - y_pred| / max(|y_true|, 1e-7)) over the last axis.
///
/// Shapes: [batch, d0 .. dN] both; values [batch, d0 .. dN-1].
/// Source: keras.losses.mean_absolute_percentage_error.
at::Tensor mean_absolute_percentage_error(const at::Tensor& y_true, const at::Tensor& y_pred);

/// The loss of `mean_absolute_percentage_error`. Source: keras.losses.MeanAbsolutePercentageError.
class MeanAbsolutePercentageErrorImpl final
    : public LossOf<MeanAbsolutePercentageErrorImpl, MeanAbsolutePercentageErrorOptions> {
 public:
  using LossOf::LossOf;
  LossValues call(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

/// The holder of `MeanAbsolutePercentageErrorImpl`.
using MeanAbsolutePercentageError = LossHolder<MeanAbsolutePercentageErrorImpl>;

}  // namespace assay::losses
