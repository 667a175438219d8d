// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/core/options/number_or_list.h>
#include <assay/losses/loss.h>

namespace assay::losses {

/// Options of `Dice`.
struct DiceOptions {
  static constexpr auto class_name = "Dice";
  IntegerOrList axis;
  Reduction reduction = Reduction::kSumOverBatchSize;
  std::string name = "dice";
  std::optional<at::ScalarType> dtype;

  static constexpr auto fields() {
    using Self = DiceOptions;
    return assay::fields(
        field("axis", &Self::axis, "The axis or axes that are summed over; null: all."),
        loss_fields<Self>());
  }
};

/// How little two masks overlap:
///
///   1 - 2 sum(y_true y_pred) / (sum(y_true) + sum(y_pred) + 1e-7)
///
/// Shapes: both the same; the sums are over `axis`, which values lack. Without `axis` they are over
/// everything, the batch too, and the loss is a scalar.
/// Errors: ValueError for shapes that differ, or that lack an axis. Source: keras.losses.dice.
at::Tensor dice(const at::Tensor& y_true, const at::Tensor& y_pred, const IntegerOrList& axis = {});

/// The loss of `dice`. Source: keras.losses.Dice.
class DiceImpl final : public LossOf<DiceImpl, DiceOptions> {
 public:
  using LossOf::LossOf;
  LossValues call(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

/// The holder of `DiceImpl`.
using Dice = LossHolder<DiceImpl>;

}  // namespace assay::losses
