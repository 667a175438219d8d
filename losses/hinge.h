// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/losses/loss.h>

namespace assay::losses {

/// Options of `Hinge`.
struct HingeOptions {
  static constexpr auto class_name = "Hinge";
  Reduction reduction = Reduction::kSumOverBatchSize;
  std::string name = "hinge";
  std::optional<at::ScalarType> dtype;

  static constexpr auto fields() { return loss_fields<HingeOptions>(); }
};

/// mean(max(1 - t y_pred, 0)) over the last axis, with labels t in {-1, 1}.
///
/// Where all labels are 0 or 1, t is 2 y_true - 1; otherwise y_true itself.
///
/// Shapes: [batch, d0 .. dN] both; values [batch, d0 .. dN-1].
/// Source: keras.losses.hinge.
at::Tensor hinge(const at::Tensor& y_true, const at::Tensor& y_pred);

/// The loss of `hinge`. Source: keras.losses.Hinge.
class HingeImpl final : public LossOf<HingeImpl, HingeOptions> {
 public:
  using LossOf::LossOf;
  LossValues call(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

/// The holder of `HingeImpl`.
using Hinge = LossHolder<HingeImpl>;

}  // namespace assay::losses
