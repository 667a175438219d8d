// SPDX-License-Identifier: Apache-2.0
#include <assay/training/optimizers/adam.h>
#include <assay/training/optimizers/adam_updater.h>
#include <assay/training/optimizers/optimizer-inl.h>

namespace assay::training::optimizers {

std::unique_ptr<torch::optim::Optimizer> Adam::make_checked(
    std::vector<at::Tensor> parameters) const {
  return make_adam<torch::optim::Adam, torch::optim::AdamOptions, torch::optim::AdamParamState>(
      std::move(parameters), options(), update_rules());
}

void register_adam(OptimizerRegistry& registry) { registry.add<Adam>(); }

}  // namespace assay::training::optimizers
