// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/core/options/number_or_list.h>
#include <assay/losses/loss.h>

namespace assay::losses {

/// Options of `Tversky`.
struct TverskyOptions {
  static constexpr auto class_name = "Tversky";
  double alpha = 0.5;
  double beta = 0.5;
  IntegerOrList axis;
  Reduction reduction = Reduction::kSumOverBatchSize;
  std::string name = "tversky";
  std::optional<at::ScalarType> dtype;

  static constexpr auto fields() {
    using Self = TverskyOptions;
    return assay::fields(
        field("alpha", &Self::alpha, "Weight of what is there and not predicted.", not_negative),
        field("beta", &Self::beta, "Weight of what is predicted and not there.", not_negative),
        field("axis", &Self::axis, "The axis or axes that are summed over; null: all."),
        loss_fields<Self>());
  }
};

/// How little two masks overlap, with what is missed and what is wrongly claimed weighed apart:
///
///   1 - both / (both + alpha missed + beta claimed + 1e-7)
///   both = sum(y_true y_pred)
///   missed = sum(y_true (1 - y_pred))
///   claimed = sum((1 - y_true) y_pred)
///
/// Shapes: both the same; the sums are over `axis`, which values lack. Without `axis` they are over
/// everything, the batch too, and the loss is a scalar.
/// Errors: ValueError for shapes that differ, or that lack an axis. Source: keras.losses.tversky.
at::Tensor tversky(const at::Tensor& y_true, const at::Tensor& y_pred, double alpha = 0.5,
                   double beta = 0.5, const IntegerOrList& axis = {});

/// The loss of `tversky`. Source: keras.losses.Tversky.
class TverskyImpl final : public LossOf<TverskyImpl, TverskyOptions> {
 public:
  using LossOf::LossOf;
  LossValues call(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

/// The holder of `TverskyImpl`.
using Tversky = LossHolder<TverskyImpl>;

}  // namespace assay::losses
