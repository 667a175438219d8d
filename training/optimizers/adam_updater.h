// SPDX-License-Identifier: Apache-2.0
// The step of Adam and AdamW, on LibTorch's class of either.
#pragma once
#include <assay/training/optimizers/adam_update.h>
#include <assay/training/optimizers/step.h>
#include <torch/optim/adam.h>
#include <torch/optim/adamw.h>

#include <cmath>
#include <utility>
#include <vector>

#pragma GCC visibility push(hidden)
namespace assay::training::optimizers {

/// The learning rate with the means' bias taken out, rounded as Keras rounds it: 1 - 0.999f is off
/// by 1e-5 of itself, which a training's losses show.
template <class T>
T corrected_rate(T rate, T beta_1, T beta_2, std::int64_t step) {
  const auto power = static_cast<T>(step);
  return rate * std::sqrt(1 - std::pow(beta_2, power)) / (1 - std::pow(beta_1, power));
}

/// `Base` is torch::optim::Adam or torch::optim::AdamW.
template <class Base, class BaseOptions, class State>
class AdamUpdater final : public Base, public Updater {
 public:
  /// Of parameters that have no state as yet.
  AdamUpdater(std::vector<at::Tensor> parameters, BaseOptions options, UpdateRules rules)
      : Base(std::move(parameters), options), Updater(rules) {}

  /// Updates the parameters that have a gradient; returns what the closure returns, which comes
  /// first.
  at::Tensor step(typename Base::LossClosure closure) override {
    return stepped(*this, this->param_groups_, closure, [this](auto& group, auto& parameter) {
      update(parameter, static_cast<const BaseOptions&>(group.options()));
    });
  }

 private:
  void update(at::Tensor& parameter, const BaseOptions& options) {
    const auto [beta_1, beta_2] = options.betas();
    const auto& gradient = parameter.grad();
    auto& state = state_of<State>(this->state_, parameter);
    if (!state.exp_avg().defined()) {
      state.exp_avg(zeros_for(parameter));
      state.exp_avg_sq(zeros_for(parameter));
      if (options.amsgrad()) state.max_exp_avg_sq(zeros_for(parameter));
    }
    state.step(state.step() + 1);
    const double rate =
        parameter.scalar_type() == at::kDouble
            ? corrected_rate(options.lr(), beta_1, beta_2, state.step())
            : corrected_rate(static_cast<float>(options.lr()), static_cast<float>(beta_1),
                             static_cast<float>(beta_2), state.step());

    adam_update(parameter, gradient,
                {state.exp_avg(), state.exp_avg_sq(),
                 options.amsgrad() ? state.max_exp_avg_sq() : at::Tensor()},
                {.beta_1 = beta_1, .beta_2 = beta_2, .epsilon = options.eps(), .rate = rate});
  }
};

/// LibTorch's weight decay stays 0: `UpdateRules` decays.
template <class Base, class BaseOptions, class State, class Options>
std::unique_ptr<torch::optim::Optimizer> make_adam(std::vector<at::Tensor> parameters,
                                                   const Options& options, UpdateRules rules) {
  const auto made = BaseOptions(options.learning_rate(0))
                        .betas({options.beta_1, options.beta_2})
                        .eps(options.epsilon)
                        .weight_decay(0)
                        .amsgrad(options.amsgrad);
  return std::make_unique<AdamUpdater<Base, BaseOptions, State>>(std::move(parameters), made,
                                                                 rules);
}

}  // namespace assay::training::optimizers
#pragma GCC visibility pop
