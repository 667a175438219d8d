// SPDX-License-Identifier: Apache-2.0
#include <assay/training/optimizers/adagrad.h>
#include <assay/training/optimizers/optimizer-inl.h>
#include <assay/training/optimizers/step.h>
#include <torch/optim/adagrad.h>

namespace assay::training::optimizers {
namespace {

class AdagradUpdater final : public torch::optim::Adagrad, public Updater {
 public:
  AdagradUpdater(std::vector<at::Tensor> parameters, torch::optim::AdagradOptions options,
                 UpdateRules rules)
      : torch::optim::Adagrad(std::move(parameters), options), Updater(rules) {}

  at::Tensor step(LossClosure closure) override {
    return stepped(*this, param_groups_, closure, [this](auto& group, auto& parameter) {
      update(parameter, static_cast<const torch::optim::AdagradOptions&>(group.options()));
    });
  }

 private:
  void update(at::Tensor& parameter, const torch::optim::AdagradOptions& options) {
    const auto& gradient = parameter.grad();
    auto& state = state_of<torch::optim::AdagradParamState>(state_, parameter);
    state.step(state.step() + 1);
    // LibTorch makes the sum with the parameters, wherever they then were.
    if (state.sum().device() != parameter.device()) state.sum(state.sum().to(parameter.device()));
    state.sum().addcmul_(gradient, gradient);
    parameter.addcdiv_(gradient, (state.sum() + options.eps()).sqrt_(), -options.lr());
  }
};

}  // namespace

std::unique_ptr<torch::optim::Optimizer> Adagrad::make_checked(
    std::vector<at::Tensor> parameters) const {
  const auto& o = options();
  const auto updater = torch::optim::AdagradOptions(o.learning_rate(0))
                           .initial_accumulator_value(o.initial_accumulator_value)
                           .eps(o.epsilon);
  return std::make_unique<AdagradUpdater>(std::move(parameters), updater, update_rules());
}

void register_adagrad(OptimizerRegistry& registry) { registry.add<Adagrad>(); }

}  // namespace assay::training::optimizers
