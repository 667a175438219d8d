// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/training/optimizers/step.h>
#include <assay/training/optimizers/weight_averages.h>

#include <utility>

namespace assay::training::optimizers {
namespace {

// visit(number, parameter) for the parameters of all groups.
template <class Visit>
void for_each_parameter(const WeightAverages::Groups& groups, Visit visit) {
  std::size_t i = 0;
  for (const auto& group : groups) {
    for (const auto& parameter : group.params()) visit(i++, parameter);
  }
}

}  // namespace

void WeightAverages::update(const Groups& groups) {
  const at::NoGradGuard no_grad;
  for_each_parameter(groups, [this](std::size_t i, const at::Tensor& parameter) {
    if (averages_.size() == i) averages_.emplace_back();
    if (!parameter.grad().defined()) return;
    auto& average = averages_[i];
    if (average.defined() && average.device() != parameter.device()) {
      average = average.to(parameter.device());
    }
    if (average.defined()) {
      average.mul_(rule_.momentum).add_(parameter, 1 - rule_.momentum);
    } else {
      average = parameter.detach().clone();
    }
  });
  ++updates_;
  if (rule_.overwrite_every && updates_ % *rule_.overwrite_every == 0) overwrite(groups);
}

void WeightAverages::overwrite(const Groups& groups) const {
  const at::NoGradGuard no_grad;
  for_each_parameter(groups, [this](std::size_t i, at::Tensor parameter) {
    if (i < averages_.size() && averages_[i].defined()) parameter.copy_(averages_[i]);
  });
}

void WeightAverages::load(std::vector<at::Tensor> averages, std::int64_t updates) {
  averages_ = std::move(averages);
  updates_ = updates;
}

WeightAverages* averages_of(const torch::optim::Optimizer& optimizer) {
  const auto* updater = dynamic_cast<const Updater*>(&optimizer);
  return updater ? updater->averages() : nullptr;
}

void finalize_weights(const torch::optim::Optimizer& optimizer) {
  if (const auto* averages = averages_of(optimizer)) averages->overwrite(optimizer.param_groups());
}

}  // namespace assay::training::optimizers
