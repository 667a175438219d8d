// SPDX-License-Identifier: Apache-2.0
// The state of a torch::optim optimizer as named tensors and JSON, for checkpoints.
#pragma once
#include <assay/core/options/json.h>
#include <assay/serialization/safetensors.h>
#include <torch/optim/optimizer.h>

#include <nlohmann/json.hpp>
#include <vector>

namespace assay::training::optimizers {

/// Everything that an optimizer's next update depends on, besides parameters and options.
///
/// Tensors are named "<parameter>.<LibTorch's name>", "0.exp_avg", where parameters count through
/// all groups. The scalars are
///
///     {"class_name": "Adam", "learning_rates": [0.001], "states": [{"step": 7}, null]}
///
/// with one learning rate a group, and null for a parameter that was not updated yet. With
/// `use_ema` there are also "0.average" and "average_updates".
struct OptimizerState {
  std::vector<serialization::NamedTensor> tensors;  ///< What is a tensor.
  Json scalars;                                     ///< The rest.
};

/// The state of SGD, Adam, AdamW, RMSprop and Adagrad, assay's or LibTorch's own. The tensors are
/// the state, not copies of it.
/// Errors: ValueError for an optimizer of any other class.
OptimizerState optimizer_state(const torch::optim::Optimizer& optimizer);

/// Makes the state what it was, bit for bit, so that the next update is the one that would have
/// followed. The tensors are copied, to the device of their parameter. The learning rates are set.
/// Errors: ValueError, before anything is changed, where the class, the number of groups or
/// parameters, the names, or a tensor's shape or dtype differ.
void load_optimizer_state(torch::optim::Optimizer& optimizer, const OptimizerState& state);

}  // namespace assay::training::optimizers
