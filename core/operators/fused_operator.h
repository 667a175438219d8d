// SPDX-License-Identifier: Apache-2.0
// How a function of labels and predictions becomes a dispatcher operator with derivatives.
//
// A formula is a struct:
//
//   struct HuberFormula {
//     static constexpr auto name = "huber";
//     static constexpr auto options = ", float delta=1.0";   // the schema after (y_true, y_pred)
//     static at::Tensor composed(const at::Tensor& y_true, const at::Tensor& y_pred, double delta);
//   };
//   using Huber = FusedOperator<HuberFormula, double>;
//
// `composed` is written with differentiable LibTorch operators. It runs on every device that has no
// kernel of its own, and it is what second derivatives, and derivatives for labels, come from.
// `implement` adds the kernels of one backend. `define` makes three operators:
//
//   assay::huber(y_true, y_pred, delta) -> Tensor                       what users call
//   assay::huber_forward(y_true, y_pred, delta) -> Tensor[]             values, then statistics
//   assay::huber_backward(grad, y_true, y_pred, statistics, delta) -> Tensor
//
// Statistics are what a forward kernel keeps a row so that the backward kernel reads its inputs
// only once; a formula whose kernels keep n of them says `static constexpr int statistics = n`.
// They have the shape of the values. A formula whose kernels keep others says `no_meta_kernel`:
// what torch.compile traces is then the composed formula.
#pragma once
#include <ATen/ATen.h>
#include <ATen/TensorSubclassLikeUtils.h>
#include <assay/core/dtype.h>
#include <assay/core/operators/early_gradient.h>
#include <assay/core/operators/operator_handle.h>
#include <c10/core/impl/LocalDispatchKeySet.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#pragma GCC visibility push(hidden)
namespace assay {

/// The operators of a formula, as the head of this header tells.
template <class Formula, class... Options>
class FusedOperator {
 public:
  /// Signature of the operator that users call: labels, predictions, options.
  using Call = at::Tensor(const at::Tensor&, const at::Tensor&, Options...);
  /// Signature of forward kernels: values, then statistics.
  using Forward = std::vector<at::Tensor>(const at::Tensor&, const at::Tensor&, Options...);
  /// Signature of backward kernels: the values' gradient, labels, predictions, statistics, options.
  using Backward = at::Tensor(const at::Tensor&, const at::Tensor&, const at::Tensor&,
                              at::TensorList, Options...);

  /// The values, in the compute type of the predictions.
  static at::Tensor call(const at::Tensor& y_true, const at::Tensor& y_pred,
                         const Options&... options) {
    static const auto handle = operator_handle<Call>(Formula::name);
    return handle.call(y_true, y_pred, options...);
  }

  /// Defines the three operators; called once, in TORCH_LIBRARY_FRAGMENT(assay, library).
  static void define(torch::Library& library) {
    const std::string name = Formula::name;
    const std::string inputs = "Tensor y_true, Tensor y_pred";
    const auto def = [&](const std::string& schema) { library.def(schema.c_str()); };
    def(name + "(" + inputs + Formula::options + ") -> Tensor");
    def(name + "_forward(" + inputs + Formula::options + ") -> Tensor[]");
    def(name + "_backward(Tensor grad, " + inputs + ", Tensor[] statistics" + Formula::options +
        ") -> Tensor");
    library.impl(Formula::name,
                 torch::dispatch(c10::DispatchKey::CompositeExplicitAutograd, &without_autograd));
    library.impl(Formula::name, torch::dispatch(c10::DispatchKey::Autograd, &with_autograd));
    if constexpr (kHasMeta) {
      implement(library, c10::DispatchKey::Meta, &forward_meta, &backward_meta);
    }
  }

  /// Adds a backend's kernels. They get tensors of any layout, in the types that the user passed.
  static void implement(torch::Library& library, c10::DispatchKey backend, Forward* forward,
                        Backward* backward) {
    const std::string name = Formula::name;
    library.impl((name + "_forward").c_str(), torch::dispatch(backend, forward));
    library.impl((name + "_backward").c_str(), torch::dispatch(backend, backward));
  }

  /// The formula in the types that it computes in.
  static at::Tensor composed(const at::Tensor& y_true, const at::Tensor& y_pred,
                             const Options&... options) {
    const ExpectReduction unknown(std::nullopt);  // of what the formula itself calls
    // Losses run in float32: autocast would lower a formula's matrix products again.
    const c10::impl::ExcludeDispatchKeyGuard no_autocast(c10::autocast_dispatch_keyset);
    // Integer labels stay integers: a formula that takes classes wants them so.
    const auto dtype = compute_dtype(y_pred.scalar_type());
    return Formula::composed(at::isFloatingType(y_true.scalar_type()) ? y_true.to(dtype) : y_true,
                             y_pred.to(dtype), options...);
  }

 private:
  static const c10::TypedOperatorHandle<Forward>& forward_operator() {
    static const auto handle = operator_handle<Forward>(Formula::name + std::string("_forward"));
    return handle;
  }
  static const c10::TypedOperatorHandle<Backward>& backward_operator() {
    static const auto handle = operator_handle<Backward>(Formula::name + std::string("_backward"));
    return handle;
  }

  static constexpr bool kHasMeta = !requires { Formula::no_meta_kernel; };

  static bool has_kernel(const at::Tensor& y_pred) {
    if (!kHasMeta && at::isTensorSubclassLike(y_pred)) return false;
    return forward_operator().hasKernelForDispatchKey(
        c10::highestPriorityBackendTypeId(y_pred.key_set()));
  }

  static at::Tensor without_autograd(const at::Tensor& y_true, const at::Tensor& y_pred,
                                     Options... options) {
    if (!has_kernel(y_pred)) return composed(y_true, y_pred, options...);
    return std::move(forward_operator().call(y_true, y_pred, options...)[0]);
  }

  static at::Tensor with_autograd(const at::Tensor& y_true, const at::Tensor& y_pred,
                                  Options... options) {
    if (!has_kernel(y_pred)) return composed(y_true, y_pred, options...);
    const early_gradient::Wanted wanted(at::GradMode::is_enabled() && y_pred.requires_grad() &&
                                        !y_true.requires_grad());
    return Function::apply(y_true, y_pred, options...);
  }

  static std::vector<at::Tensor> forward_meta(const at::Tensor& y_true, const at::Tensor& y_pred,
                                              Options... options) {
    std::vector<at::Tensor> outputs = {composed(y_true, y_pred, options...)};
    if constexpr (requires { Formula::statistics; }) {
      for (int i = 0; i < Formula::statistics; ++i) {
        outputs.push_back(at::empty_like(outputs[0]));
      }
    }
    return outputs;
  }

  static at::Tensor backward_meta(const at::Tensor&, const at::Tensor&, const at::Tensor& y_pred,
                                  at::TensorList, Options...) {
    return at::empty_like(y_pred, at::MemoryFormat::Contiguous);
  }

  class Function : public torch::autograd::Function<Function> {
   public:
    static at::Tensor forward(torch::autograd::AutogradContext* ctx, const at::Tensor& y_true,
                              const at::Tensor& y_pred, const Options&... options) {
      const at::AutoDispatchBelowADInplaceOrView below_autograd;
      auto outputs = forward_operator().call(y_true, y_pred, options...);
      auto values = outputs[0];
      outputs[0] = y_pred;
      outputs.insert(outputs.begin(), y_true);
      ctx->save_for_backward(std::move(outputs));  // y_true, y_pred, statistics
      (ctx->saved_data.emplace(std::to_string(ctx->saved_data.size()), c10::IValue(options)), ...);
      if (auto early = early_gradient::take(); early.tensor.defined()) {
        ctx->saved_data["early"] = std::move(early.tensor);
        ctx->saved_data["early of"] = early.of_value;
      }
      return values;
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* ctx,
                                                   torch::autograd::variable_list grads) {
      return backward(ctx, grads[0], std::index_sequence_for<Options...>{});
    }

   private:
    // For the first backward only: the gradient belongs to whom it was handed, who may change it.
    static EarlyGradient take_early(torch::autograd::AutogradContext* ctx) {
      const auto found = ctx->saved_data.find("early");
      if (found == ctx->saved_data.end()) return {};
      EarlyGradient early = {found->second.toTensor(), ctx->saved_data.at("early of").toDouble()};
      ctx->saved_data.erase(found);
      return early;
    }

    template <std::size_t... I>
    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* ctx,
                                                   const at::Tensor& grad,
                                                   std::index_sequence<I...>) {
      const auto saved = ctx->get_saved_variables();
      [[maybe_unused]] const auto options =
          std::tuple<Options...>(ctx->saved_data.at(std::to_string(I)).template to<Options>()...);
      torch::autograd::variable_list result(2 + sizeof...(Options));
      const bool higher_order = at::GradMode::is_enabled();
      auto early = take_early(ctx);
      if (!higher_order && !ctx->needs_input_grad(0)) {
        if (early_gradient::is_for(early, grad)) {
          result[1] = std::move(early.tensor);
          return result;
        }
        early = {};
        const auto statistics = at::TensorList(saved).slice(2);
        result[1] =
            backward_operator().call(grad, saved[0], saved[1], statistics, std::get<I>(options)...);
        return result;
      }
      torch::autograd::variable_list wanted;
      for (const std::size_t input : {0, 1}) {
        if (ctx->needs_input_grad(input)) wanted.push_back(saved[input]);
      }
      const at::AutoGradMode with_grad(true);
      const auto values = composed(saved[0], saved[1], std::get<I>(options)...);
      const auto gradients = torch::autograd::grad({values}, wanted, {grad}, true, higher_order);
      std::size_t next = 0;
      for (const std::size_t input : {0, 1}) {
        if (ctx->needs_input_grad(input)) result[input] = gradients[next++];
      }
      return result;
    }
  };
};

}  // namespace assay
#pragma GCC visibility pop
