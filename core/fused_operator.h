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
// Kernels are registered like those of any operator: forward and backward for one backend.
#pragma once
#include <ATen/ATen.h>
#include <assay/core/dtype.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include <string>
#include <tuple>
#include <utility>

namespace assay {

/// Labels and predictions as a kernel takes them: float64, float32, or both in the same 16-bit
/// type. Integer labels are converted too.
std::pair<at::Tensor, at::Tensor> to_one_dtype(const at::Tensor& y_true, const at::Tensor& y_pred);

namespace detail {

template <class Formula, class... Options>
at::Tensor composed_values(const at::Tensor& y_true, const at::Tensor& y_pred,
                           Options... options) {
  // Integer labels stay integers: a formula that takes classes wants them so.
  return Formula::composed(at::isFloatingType(y_true.scalar_type()) ? to_compute(y_true) : y_true,
                           to_compute(y_pred), options...);
}

template <class Formula, class... Options>
const c10::TypedOperatorHandle<at::Tensor(const at::Tensor&, const at::Tensor&, Options...)>&
forward_operator() {
  static const auto handle =
      c10::Dispatcher::singleton()
          .findSchemaOrThrow((std::string("assay::") + Formula::name).c_str(), "")
          .template typed<at::Tensor(const at::Tensor&, const at::Tensor&, Options...)>();
  return handle;
}

template <class Formula, class... Options>
const c10::TypedOperatorHandle<at::Tensor(const at::Tensor&, const at::Tensor&, const at::Tensor&,
                                          Options...)>&
backward_operator() {
  static const auto handle =
      c10::Dispatcher::singleton()
          .findSchemaOrThrow((std::string("assay::") + Formula::name + "_backward").c_str(), "")
          .template typed<at::Tensor(const at::Tensor&, const at::Tensor&, const at::Tensor&, Options...)>();
  return handle;
}

template <class Formula, class... Options>
class FusedFunction
    : public torch::autograd::Function<FusedFunction<Formula, Options...>> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* ctx, const at::Tensor& y_true,
                            const at::Tensor& y_pred, const Options&... options) {
    ctx->save_for_backward({y_true, y_pred});
    (ctx->saved_data.emplace(std::to_string(ctx->saved_data.size()), c10::IValue(options)), ...);
    const at::AutoDispatchBelowADInplaceOrView below_autograd;
    return forward_operator<Formula, Options...>().call(y_true, y_pred, options...);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* ctx,
                                                 torch::autograd::variable_list grads) {
    return backward(ctx, grads[0], std::index_sequence_for<Options...>{});
  }

 private:
  template <std::size_t... I>
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* ctx,
                                                 const at::Tensor& grad,
                                                 std::index_sequence<I...>) {
    const auto saved = ctx->get_saved_variables();
    [[maybe_unused]] const auto options =
        std::make_tuple(ctx->saved_data.at(std::to_string(I)).to<Options>()...);
    const bool higher_order = at::GradMode::is_enabled();
    const bool wants_true = ctx->needs_input_grad(0);
    torch::autograd::variable_list result(2 + sizeof...(Options));
    if (!higher_order && !wants_true) {
      result[1] = backward_operator<Formula, Options...>().call(grad, saved[0], saved[1],
                                                                std::get<I>(options)...);
      return result;
    }
    torch::autograd::variable_list wanted;
    if (wants_true) wanted.push_back(saved[0]);
    if (ctx->needs_input_grad(1)) wanted.push_back(saved[1]);
    const at::AutoGradMode with_grad(true);
    const auto values =
        composed_values<Formula, Options...>(saved[0], saved[1], std::get<I>(options)...);
    const auto gradients = torch::autograd::grad({values}, wanted, {grad}, true, higher_order);
    std::size_t next = 0;
    if (wants_true) result[0] = gradients[next++];
    if (ctx->needs_input_grad(1)) result[1] = gradients[next];
    return result;
  }
};

}  // namespace detail

template <class Formula, class... Options>
class FusedOperator {
 public:
  using Forward = at::Tensor(const at::Tensor&, const at::Tensor&, Options...);
  using Backward = at::Tensor(const at::Tensor&, const at::Tensor&, const at::Tensor&, Options...);

  /// The operator's values, in the compute type of the predictions.
  static at::Tensor call(const at::Tensor& y_true, const at::Tensor& y_pred,
                         const Options&... options) {
    return detail::forward_operator<Formula, Options...>().call(y_true, y_pred, options...);
  }

  /// Defines `assay::<name>` and `assay::<name>_backward`.
  static void define(torch::Library& library) {
    const std::string name = Formula::name;
    library.def(
        (name + "(Tensor y_true, Tensor y_pred" + Formula::options + ") -> Tensor").c_str());
    library.def((name + "_backward(Tensor grad, Tensor y_true, Tensor y_pred" + Formula::options +
                 ") -> Tensor")
                    .c_str());
    library.impl(Formula::name,
                 torch::dispatch(c10::DispatchKey::CompositeExplicitAutograd,
                                 TORCH_FN((detail::composed_values<Formula, Options...>))));
    library.impl(Formula::name,
                 torch::dispatch(c10::DispatchKey::Autograd, TORCH_FN((with_autograd))));
    library.impl((name + "_backward").c_str(),
                 torch::dispatch(c10::DispatchKey::Meta, TORCH_FN((backward_meta))));
  }

 private:
  static at::Tensor with_autograd(const at::Tensor& y_true, const at::Tensor& y_pred,
                                  Options... options) {
    const auto backend = c10::highestPriorityBackendTypeId(y_pred.key_set());
    if (!detail::backward_operator<Formula, Options...>().hasKernelForDispatchKey(backend)) {
      return detail::composed_values<Formula, Options...>(y_true, y_pred, options...);
    }
    return detail::FusedFunction<Formula, Options...>::apply(y_true, y_pred, options...);
  }

  static at::Tensor backward_meta(const at::Tensor&, const at::Tensor&, const at::Tensor& y_pred,
                                  Options...) {
    return at::empty_like(y_pred);
  }
};

}  // namespace assay
