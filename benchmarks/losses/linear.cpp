// SPDX-License-Identifier: Apache-2.0
#include <assay/losses/linear_sparse_categorical_crossentropy.h>

#include "../contest.h"

namespace assay::benchmarks {
namespace {

using Loss = std::function<at::Tensor(const at::Tensor& labels, const at::Tensor& hidden,
                                      const at::Tensor& weight)>;

Contestant contestant(const std::string& name, const Loss& loss, const at::Tensor& labels,
                      const at::Tensor& hidden, const at::Tensor& weight) {
  const auto differentiated = [=] {
    hidden.mutable_grad().reset();
    weight.mutable_grad().reset();
    auto value = loss(labels, hidden, weight);
    value.backward();
    return value.detach();
  };
  // With the freeing of its gradients, for which the next contestant would pay otherwise.
  const auto timed = [=] {
    differentiated();
    hidden.mutable_grad().reset();
    weight.mutable_grad().reset();
  };
  return {name, timed, [=]() -> std::vector<at::Tensor> {
            const auto value = differentiated();
            return {value, hidden.grad(), weight.grad()};
          }};
}

}  // namespace

Contest linear_contest(const Workload& workload, const Inputs& inputs) {
  torch::manual_seed(2);
  const auto classes = workload.option<std::int64_t>("classes", 0);
  const auto& hidden = inputs.y_pred.requires_grad_();
  const auto labels = at::randint(classes, {hidden.size(0)});
  const auto weight = (at::randn({classes, hidden.size(1)}) / 16).requires_grad_();
  losses::LinearSparseCategoricalCrossentropy loss;
  return {
      contestant(
          "assay", [loss](const auto& y, const auto& h, const auto& w) { return loss(y, h, w); },
          labels, hidden, weight),
      contestant(
          "libtorch",
          [](const auto& y, const auto& h, const auto& w) {
            return torch::nn::functional::cross_entropy(torch::nn::functional::linear(h, w), y);
          },
          labels, hidden, weight),
  };
}

}  // namespace assay::benchmarks
