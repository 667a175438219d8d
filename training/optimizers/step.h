// SPDX-License-Identifier: Apache-2.0
// What the steps of all optimizers share.
#pragma once
#include <ATen/ATen.h>
#include <assay/training/optimizers/update.h>
#include <torch/optim/optimizer.h>

#include <memory>
#include <vector>

#pragma GCC visibility push(hidden)
namespace assay::training::optimizers {

/// What each of assay's updaters has beside LibTorch's class.
class Updater {
 public:
  /// With averages, empty as yet, where the rules want them.
  explicit Updater(UpdateRules rules) : rules_(rules) {
    if (rules_.average) averages_ = std::make_unique<WeightAverages>(*rules_.average);
  }
  Updater(const Updater&) = delete;
  Updater& operator=(const Updater&) = delete;
  virtual ~Updater() = default;

  /// What is done to gradients and weights before the update.
  const UpdateRules& rules() const { return rules_; }
  /// Null where none are kept.
  WeightAverages* averages() const { return averages_.get(); }

 private:
  UpdateRules rules_;
  std::unique_ptr<WeightAverages> averages_;
};

/// The value of a step's closure, or an undefined tensor without one.
at::Tensor closure_value(const torch::optim::Optimizer::LossClosure& closure);

/// Does a step: evaluates the closure, applies the rules, then calls update(group, parameter) for
/// each parameter that has a gradient, without recording gradients; then averages the weights.
template <class Update>
at::Tensor stepped(const Updater& updater,
                   const std::vector<torch::optim::OptimizerParamGroup>& groups,
                   const torch::optim::Optimizer::LossClosure& closure, Update update) {
  const at::NoGradGuard no_grad;
  auto loss = closure_value(closure);
  apply_update_rules(updater.rules(), groups);
  for (const auto& group : groups) {
    for (auto& parameter : with_gradient(group)) update(group, parameter);
  }
  if (auto* averages = updater.averages()) averages->update(groups);
  return loss;
}

/// The state of a parameter, made where there is none.
template <class State, class States>
State& state_of(States& states, const at::Tensor& parameter) {
  auto& state = states[parameter.unsafeGetTensorImpl()];
  if (!state) state = std::make_unique<State>();
  return static_cast<State&>(*state);
}

/// A first state: zeros of the parameter's shape, type, device and layout.
inline at::Tensor zeros_for(const at::Tensor& parameter) {
  return at::zeros_like(parameter, at::MemoryFormat::Preserve);
}

}  // namespace assay::training::optimizers
#pragma GCC visibility pop
