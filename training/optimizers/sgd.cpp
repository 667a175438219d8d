// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/training/optimizers/optimizer-inl.h>
#include <assay/training/optimizers/sgd.h>
#include <assay/training/optimizers/step.h>
#include <torch/optim/sgd.h>

namespace assay::training::optimizers {
namespace {

class SGDUpdater final : public torch::optim::SGD, public Updater {
 public:
  SGDUpdater(std::vector<at::Tensor> parameters, torch::optim::SGDOptions options,
             UpdateRules rules)
      : torch::optim::SGD(std::move(parameters), options), Updater(rules) {}

  at::Tensor step(LossClosure closure) override {
    return stepped(*this, param_groups_, closure, [this](auto& group, auto& parameter) {
      update(parameter, static_cast<const torch::optim::SGDOptions&>(group.options()));
    });
  }

 private:
  void update(at::Tensor& parameter, const torch::optim::SGDOptions& options) {
    const auto& gradient = parameter.grad();
    if (options.momentum() == 0) {
      parameter.add_(gradient, -options.lr());
      return;
    }
    auto& state = state_of<torch::optim::SGDParamState>(state_, parameter);
    auto& velocity = state.momentum_buffer();
    if (!velocity.defined()) velocity = zeros_for(parameter);
    velocity.mul_(options.momentum()).add_(gradient, -options.lr());
    if (options.nesterov()) {
      parameter.add_(velocity, options.momentum()).add_(gradient, -options.lr());
    } else {
      parameter.add_(velocity);
    }
  }
};

}  // namespace

std::unique_ptr<torch::optim::Optimizer> SGD::make_checked(
    std::vector<at::Tensor> parameters) const {
  const auto& o = options();
  // LibTorch refuses Nesterov's momentum of 0, which is plain descent.
  const auto updater = torch::optim::SGDOptions(o.learning_rate(0))
                           .momentum(o.momentum)
                           .nesterov(o.nesterov && o.momentum > 0);
  return std::make_unique<SGDUpdater>(std::move(parameters), updater, update_rules());
}

void register_sgd(OptimizerRegistry& registry) { registry.add<SGD>(); }

}  // namespace assay::training::optimizers
