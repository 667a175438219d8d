// SPDX-License-Identifier: Apache-2.0
#include <assay/training/optimizers/adam_updater.h>
#include <assay/training/optimizers/adamw.h>
#include <assay/training/optimizers/optimizer-inl.h>

namespace assay::training::optimizers {

AdamW::AdamW(Options given) : OptimizerOf(std::move(given)) {
  TORCH_CHECK_VALUE(options().weight_decay, "AdamW.weight_decay: must be a number, got null");
}

std::unique_ptr<torch::optim::Optimizer> AdamW::make_checked(
    std::vector<at::Tensor> parameters) const {
  return make_adam<torch::optim::AdamW, torch::optim::AdamWOptions, torch::optim::AdamWParamState>(
      std::move(parameters), options(), update_rules());
}

void register_adamw(OptimizerRegistry& registry) { registry.add<AdamW>({"adamw"}); }

}  // namespace assay::training::optimizers
