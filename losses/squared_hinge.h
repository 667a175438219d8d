// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/losses/loss.h>

namespace assay::losses {

/// Options of `SquaredHinge`.
struct SquaredHingeOptions {
  static constexpr auto class_name = "SquaredHinge";
  Reduction reduction = Reduction::kSumOverBatchSize;
  std::string name = "squared_hinge";
  std::optional<at::ScalarType> dtype;

  static constexpr auto fields() { return loss_fields<SquaredHingeOptions>(); }
};

/// mean(max(1 - t y_pred, 0)^2) over the last axis, with labels t in {-1, 1}.
///
/// Where all labels are 0 or 1, t is 2 y_true - 1; otherwise y_true itself.
///
/// Shapes: [batch, d0 .. dN] both; values [batch, d0 .. dN-1].
/// Source: keras.losses.squared_hinge.
at::Tensor squared_hinge(const at::Tensor& y_true, const at::Tensor& y_pred);

/// The loss of `squared_hinge`. Source: keras.losses.SquaredHinge.
class SquaredHingeImpl final : public LossOf<SquaredHingeImpl, SquaredHingeOptions> {
 public:
  using LossOf::LossOf;
  LossValues call(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

/// The holder of `SquaredHingeImpl`.
using SquaredHinge = LossHolder<SquaredHingeImpl>;

}  // namespace assay::losses
