// SPDX-License-Identifier: Apache-2.0
#include "../contest.h"

#include <assay/losses/registry.h>

#include "peers.h"

namespace assay::benchmarks {
namespace {

// Forward and backward; the gradient is a fresh one, as after zero_grad.
at::Tensor differentiated(const LossFunction& loss, Inputs inputs) {
  inputs.y_pred.mutable_grad().reset();
  auto value = loss(inputs);
  value.backward();
  return value;
}

Contestant contestant(const std::string& name, LossFunction loss, const Inputs& inputs,
                      bool backward) {
  if (backward) {
    // With the freeing of its gradient, for which the next contestant would pay otherwise.
    const auto timed = [=] {
      differentiated(loss, inputs);
      inputs.y_pred.mutable_grad().reset();
    };
    return {name, timed, [=]() -> std::vector<at::Tensor> {
              const auto value = differentiated(loss, inputs).detach();
              return {value, inputs.y_pred.grad()};
            }};
  }
  const auto forward = [=] {
    const at::NoGradGuard no_grad;
    return loss(inputs);
  };
  return {name, [=] { benchmark::DoNotOptimize(forward()); },
          [=]() -> std::vector<at::Tensor> { return {forward()}; }};
}

}  // namespace

Contest loss_contest(const Workload& workload, const std::string& pass, const Inputs& inputs) {
  const bool backward = pass != "forward";
  inputs.y_pred.requires_grad_(backward);
  const auto assay = [loss = losses::get(workload.assay)](const Inputs& in) {
    return (*loss)(in.y_true, in.y_pred, in.sample_weight);
  };
  Contest contest = {contestant("assay", assay, inputs, backward)};
  for (const auto& [name, peer] : loss_peers(workload)) {
    contest.push_back(contestant(name, peer, inputs, backward));
  }
  const auto read = inputs.y_pred.detach();
  contest.push_back(limit({inputs.y_true, read}, backward ? read : at::Tensor()));
  return contest;
}

}  // namespace assay::benchmarks
