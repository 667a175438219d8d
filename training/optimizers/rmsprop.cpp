// SPDX-License-Identifier: Apache-2.0
#include <assay/training/optimizers/optimizer-inl.h>
#include <assay/training/optimizers/rmsprop.h>
#include <assay/training/optimizers/step.h>
#include <torch/optim/rmsprop.h>

namespace assay::training::optimizers {
namespace {

class RMSpropUpdater final : public torch::optim::RMSprop, public Updater {
 public:
  RMSpropUpdater(std::vector<at::Tensor> parameters, torch::optim::RMSpropOptions options,
                 UpdateRules rules)
      : torch::optim::RMSprop(std::move(parameters), options), Updater(rules) {}

  at::Tensor step(LossClosure closure) override {
    return stepped(*this, param_groups_, closure, [this](auto& group, auto& parameter) {
      update(parameter, static_cast<const torch::optim::RMSpropOptions&>(group.options()));
    });
  }

 private:
  void update(at::Tensor& parameter, const torch::optim::RMSpropOptions& options) {
    const auto& gradient = parameter.grad();
    auto& state = state_of<torch::optim::RMSpropParamState>(state_, parameter);
    if (!state.square_avg().defined()) {
      state.square_avg(zeros_for(parameter));
      if (options.centered()) state.grad_avg(zeros_for(parameter));
      if (options.momentum() > 0) state.momentum_buffer(zeros_for(parameter));
    }
    state.step(state.step() + 1);

    state.square_avg().mul_(options.alpha()).addcmul_(gradient, gradient, 1 - options.alpha());
    auto denominator = state.square_avg() + options.eps();
    if (options.centered()) {
      state.grad_avg().lerp_(gradient, 1 - options.alpha());
      denominator.addcmul_(state.grad_avg(), state.grad_avg(), -1);
    }
    denominator.sqrt_();
    if (options.momentum() > 0) {
      auto& buffer = state.momentum_buffer();
      buffer.mul_(options.momentum()).addcdiv_(gradient, denominator, options.lr());
      parameter.sub_(buffer);
    } else {
      parameter.addcdiv_(gradient, denominator, -options.lr());
    }
  }
};

}  // namespace

std::unique_ptr<torch::optim::Optimizer> RMSprop::make_checked(
    std::vector<at::Tensor> parameters) const {
  const auto& o = options();
  const auto updater = torch::optim::RMSpropOptions(o.learning_rate(0))
                           .alpha(o.rho)
                           .eps(o.epsilon)
                           .momentum(o.momentum)
                           .centered(o.centered);
  return std::make_unique<RMSpropUpdater>(std::move(parameters), updater, update_rules());
}

void register_rmsprop(OptimizerRegistry& registry) { registry.add<RMSprop>({"rmsprop"}); }

}  // namespace assay::training::optimizers
