// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/losses/loss.h>

namespace assay::losses {

/// Options of `CategoricalHinge`.
struct CategoricalHingeOptions {
  static constexpr auto class_name = "CategoricalHinge";
  Reduction reduction = Reduction::kSumOverBatchSize;
  std::string name = "categorical_hinge";
  std::optional<at::ScalarType> dtype;

  static constexpr auto fields() { return loss_fields<CategoricalHingeOptions>(); }
};

/// max(1 + max_j((1 - t_j) x_j) - sum_j t_j x_j, 0) of one-hot labels t and scores x, over the last
/// axis.
///
/// Shapes: [batch, d0 .. dN] both; values [batch, d0 .. dN-1].
/// Errors: ValueError for shapes that differ, or an empty last axis.
/// Source: keras.losses.categorical_hinge.
at::Tensor categorical_hinge(const at::Tensor& y_true, const at::Tensor& y_pred);

/// The loss of `categorical_hinge`. Source: keras.losses.CategoricalHinge.
class CategoricalHingeImpl final : public LossOf<CategoricalHingeImpl, CategoricalHingeOptions> {
 public:
  using LossOf::LossOf;
  LossValues call(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

/// The holder of `CategoricalHingeImpl`.
using CategoricalHinge = LossHolder<CategoricalHingeImpl>;

}  // namespace assay::losses
