// SPDX-License-Identifier: Apache-2.0
// Any torch::nn module with a forward from one tensor to one tensor, its type forgotten.
#pragma once
#include <assay/training/dtype_policy.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <functional>
#include <memory>
#include <utility>

namespace assay::training {

/// A module and its forward pass. It shares the module with whoever made it.
class Model {
 public:
  /// From `auto net = std::make_shared<NetImpl>()`.
  template <class Module>
  requires std::is_base_of_v<torch::nn::Module, Module> && requires(Module& module, at::Tensor x) {
    { module.forward(x) } -> std::convertible_to<at::Tensor>;
  }
  Model(const std::shared_ptr<Module>& module)
      : Model(module, [net = module.get()](const at::Tensor& x) { return net->forward(x); }) {}

  /// From a holder: `Net net; Model model(net);` or torch::nn::Sequential.
  template <class Module>
  Model(const torch::nn::ModuleHolder<Module>& holder) : Model(holder.ptr()) {}

  /// From a module and a function of one's own. `forward` must not outlive the module.
  Model(std::shared_ptr<torch::nn::Module> module,
        std::function<at::Tensor(const at::Tensor&)> forward)
      : module_(std::move(module)), forward_(std::move(forward)) {}

  /// The forward pass, under the policy.
  at::Tensor operator()(const at::Tensor& x) const { return policy_.run(forward_, x); }

  /// In what types it computes.
  const DtypePolicy& dtype_policy() const { return policy_; }
  /// For the next passes; the module's tensors stay as they are (DtypePolicy::apply_to).
  void set_dtype_policy(DtypePolicy policy) { policy_ = policy; }

  /// The module, which is shared.
  torch::nn::Module& module() const { return *module_; }

 private:
  std::shared_ptr<torch::nn::Module> module_;
  std::function<at::Tensor(const at::Tensor&)> forward_;
  DtypePolicy policy_;
};

}  // namespace assay::training
