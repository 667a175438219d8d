// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/training/optimizers/step.h>
#include <assay/training/optimizers/update.h>
#include <c10/util/Exception.h>

namespace assay::training::optimizers {
namespace {

at::Tensor l2_norm(const at::Tensor& tensor) { return at::linalg_vector_norm(tensor); }

void clip_by_norm(const std::vector<at::Tensor>& parameters, double most) {
  for (const auto& parameter : parameters) {
    auto gradient = parameter.grad();
    const auto divisor = l2_norm(gradient).clamp_min(most);
    gradient.mul_(most).div_(divisor);
  }
}

void clip_by_global_norm(const std::vector<at::Tensor>& parameters, double most) {
  if (parameters.empty()) return;
  std::vector<at::Tensor> norms;
  for (const auto& parameter : parameters) {
    norms.push_back(l2_norm(parameter.grad()).to(parameters.front().options()));
  }
  const auto whole = l2_norm(at::stack(norms));
  // What is added is 0 for a finite norm, else NaN.
  const auto scale = most / whole.clamp_min(most) + (whole - whole);
  for (const auto& parameter : parameters) {
    auto gradient = parameter.grad();
    gradient.mul_(scale.to(gradient.options()));
  }
}

void clip_by_value(const std::vector<at::Tensor>& parameters, double most) {
  for (const auto& parameter : parameters) parameter.grad().clamp_(-most, most);
}

}  // namespace

at::Tensor closure_value(const torch::optim::Optimizer::LossClosure& closure) {
  if (!closure) return {};
  const at::AutoGradMode with_grad(true);
  return closure();
}

std::vector<at::Tensor> with_gradient(const torch::optim::OptimizerParamGroup& group) {
  std::vector<at::Tensor> parameters;
  for (const auto& parameter : group.params()) {
    if (!parameter.grad().defined()) continue;
    TORCH_CHECK_VALUE(!parameter.grad().is_sparse(),
                      "a parameter has a sparse gradient; expected a dense one");
    parameters.push_back(parameter);
  }
  return parameters;
}

void apply_update_rules(const UpdateRules& rules,
                        const std::vector<torch::optim::OptimizerParamGroup>& groups) {
  std::vector<at::Tensor> all;
  for (const auto& group : groups) {
    for (auto& parameter : with_gradient(group)) all.push_back(std::move(parameter));
  }
  if (rules.clipnorm) clip_by_norm(all, *rules.clipnorm);
  if (rules.global_clipnorm) clip_by_global_norm(all, *rules.global_clipnorm);
  if (rules.clipvalue) clip_by_value(all, *rules.clipvalue);
  if (!rules.weight_decay) return;
  for (const auto& group : groups) {
    const double kept = 1 - group.options().get_lr() * *rules.weight_decay;
    for (auto& parameter : with_gradient(group)) parameter.mul_(kept);
  }
}

}  // namespace assay::training::optimizers
