// SPDX-License-Identifier: Apache-2.0
#include <assay/core/shapes.h>
#include <assay/training/optimizers/optimizer.h>
#include <c10/util/Exception.h>

#include <cmath>
#include <unordered_set>

namespace assay::training::optimizers {
namespace {

void check_parameters(const std::vector<at::Tensor>& parameters) {
  TORCH_CHECK_VALUE(!parameters.empty(),
                    "an optimizer got no parameters; expected at least one (a model whose layers "
                    "take their sizes from data has them after build)");
  std::unordered_set<const void*> seen;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const auto& parameter = parameters[i];
    TORCH_CHECK_VALUE(parameter.defined(), "parameter ", i, " is undefined");
    TORCH_CHECK_VALUE(at::isFloatingType(parameter.scalar_type()), "parameter ", i, " is ",
                      describe(parameter), "; expected a real floating type");
    TORCH_CHECK_VALUE(parameter.is_leaf(), "parameter ", i,
                      " is computed from other tensors; expected a leaf of the graph");
    TORCH_CHECK_VALUE(seen.insert(parameter.unsafeGetTensorImpl()).second, "parameter ", i,
                      " is given twice");
  }
}

}  // namespace

std::unique_ptr<torch::optim::Optimizer> Optimizer::make(std::vector<at::Tensor> parameters) const {
  check_parameters(parameters);
  return make_checked(std::move(parameters));
}

double learning_rate(const torch::optim::Optimizer& optimizer) {
  const auto& groups = optimizer.param_groups();
  TORCH_CHECK_VALUE(!groups.empty(), "the optimizer has no parameters, hence no learning rate");
  return groups.front().options().get_lr();
}

void set_learning_rate(torch::optim::Optimizer& optimizer, double learning_rate) {
  TORCH_CHECK_VALUE(learning_rate >= 0 && std::isfinite(learning_rate), "learning_rate is ",
                    learning_rate, "; expected a number of at least 0");
  for (auto& group : optimizer.param_groups()) group.options().set_lr(learning_rate);
}

}  // namespace assay::training::optimizers
