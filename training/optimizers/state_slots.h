// SPDX-License-Identifier: Apache-2.0
// What LibTorch's optimizers keep for each parameter.
#pragma once
#include <ATen/core/Tensor.h>
#include <torch/optim/optimizer.h>

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#pragma GCC visibility push(hidden)
namespace assay::training::optimizers {

/// The parts of one parameter's state that an optimizer with these options uses.
struct StateSlots {
  /// LibTorch's names, and where the tensors are.
  std::vector<std::pair<const char*, at::Tensor*>> tensors;
  std::int64_t* step = nullptr;  ///< null where updates are not counted
};

/// A class of optimizers.
struct StateKind {
  const char* class_name;  ///< "Adam"
  bool counts_steps;       ///< whether a parameter's updates are counted
  bool always_there;       ///< whether parameters have a state before their first update
  /// Whether the optimizer is of this class.
  bool (*is_one)(const torch::optim::Optimizer& optimizer);
  /// The state of a parameter before its first update.
  std::unique_ptr<torch::optim::OptimizerParamState> (*make)();
  /// The parts of a state of this class.
  StateSlots (*slots)(torch::optim::OptimizerParamState& state,
                      const torch::optim::OptimizerOptions& options);
};

/// The class of an optimizer. Errors: ValueError where it is not one of the known ones.
const StateKind& state_kind(const torch::optim::Optimizer& optimizer);

}  // namespace assay::training::optimizers
#pragma GCC visibility pop
