// SPDX-License-Identifier: Apache-2.0
// What all of Keras's optimizers do to gradients and weights before their own formula.
#pragma once
#include <ATen/core/Tensor.h>
#include <assay/training/optimizers/weight_averages.h>
#include <torch/optim/optimizer.h>

#include <optional>
#include <vector>

namespace assay::training::optimizers {

/// At most one of the three ways to clip is given.
struct UpdateRules {
  ///@{
  /// The optimizer's option of that name; see `apply_update_rules`.
  std::optional<double> weight_decay = std::nullopt;
  std::optional<double> clipnorm = std::nullopt;
  std::optional<double> clipvalue = std::nullopt;
  std::optional<double> global_clipnorm = std::nullopt;
  ///@}
  std::optional<AverageRule> average = std::nullopt;  ///< For the Updater, after its update.
};

/// The parameters of a group that have a gradient.
/// Errors: ValueError for a sparse gradient.
std::vector<at::Tensor> with_gradient(const torch::optim::OptimizerParamGroup& group);

/// Clips all gradients in place, then takes learning_rate * weight_decay * weight from each
/// parameter that has one:
///
///     clipnorm          g * clipnorm / max(norm(g), clipnorm), for each parameter
///     global_clipnorm   the same with the norm of all gradients together
///     clipvalue         g clamped to [-clipvalue, clipvalue]
///
/// A global norm that is infinite or NaN makes all gradients NaN, as in Keras.
/// Source: keras.optimizers.Optimizer (`_clip_gradients`, `_apply_weight_decay`).
void apply_update_rules(const UpdateRules& rules,
                        const std::vector<torch::optim::OptimizerParamGroup>& groups);

}  // namespace assay::training::optimizers
