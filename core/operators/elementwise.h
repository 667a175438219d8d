// SPDX-License-Identifier: Apache-2.0
// The shape that most losses share: a function of one label and one prediction, averaged over the
// last axis.
#pragma once
#include <assay/core/kernels/cpu/elementwise.h>
#include <assay/core/operators/fused_operator.h>
#include <assay/core/shapes.h>

#include <type_traits>
#include <vector>

#pragma GCC visibility push(hidden)
namespace assay {

/// The mean over the last axis; a scalar is its own mean, and nothing has the mean 0.
at::Tensor mean_over_last_axis(const at::Tensor& elements);

/// Labels to calculate with: integers and bools in the predictions' type.
at::Tensor as_numbers(const at::Tensor& y_true, const at::Tensor& y_pred);

/// A view with `axis` moved to the end; a scalar stays as it is.
/// Errors: ValueError where the tensor lacks the axis.
at::Tensor axis_last(const at::Tensor& tensor, std::int64_t axis);

/// Which kernel computes an elementwise formula, and how its row is summed.
struct ElementwiseKernel {
  kernels::cpu::Elementwise loss;                 ///< The formula.
  kernels::cpu::ElementwiseOptions options = {};  ///< Its numbers.
  bool mean = true;                               ///< else the sum over the last axis
};

/// One value a row (last axis) of labels and predictions of one shape, in the compute type. It may
/// write the gradient too (early_gradient.h). Errors: ValueError where the shapes differ.
std::vector<at::Tensor> elementwise_forward_cpu(const at::Tensor& y_true, const at::Tensor& y_pred,
                                                const ElementwiseKernel& kernel);
/// The gradient for the predictions, in their type, of values whose gradient is `grad`.
at::Tensor elementwise_backward_cpu(const at::Tensor& grad, const at::Tensor& y_true,
                                    const at::Tensor& y_pred, const ElementwiseKernel& kernel);

/// A FusedOperator whose formula names its CPU kernel:
///   static ElementwiseKernel kernel(double delta) { return {Elementwise::kHuber, {.delta =
///   delta}}; }
/// or, where that depends on the labels, kernel(const at::Tensor& y_true, double delta).
template <class Formula, class... Options>
class ElementwiseOperator : public FusedOperator<Formula, Options...> {
 public:
  /// The operator without its CPU kernel.
  using Base = FusedOperator<Formula, Options...>;

  /// Defines the operators, with the CPU kernel for them.
  static void define(torch::Library& library) {
    Base::define(library);
    Base::implement(library, c10::DispatchKey::CPU, &forward, &backward);
  }

 private:
  static ElementwiseKernel kernel_for(const at::Tensor& y_true, const Options&... options) {
    if constexpr (requires { Formula::kernel(options...); }) {
      return Formula::kernel(options...);
    } else {
      return Formula::kernel(y_true, options...);
    }
  }
  static std::vector<at::Tensor> forward(const at::Tensor& y_true, const at::Tensor& y_pred,
                                         Options... options) {
    return elementwise_forward_cpu(y_true, y_pred, kernel_for(y_true, options...));
  }
  static at::Tensor backward(const at::Tensor& grad, const at::Tensor& y_true,
                             const at::Tensor& y_pred, at::TensorList, Options... options) {
    return elementwise_backward_cpu(grad, y_true, y_pred, kernel_for(y_true, options...));
  }
};

/// The operator of a loss of this shape, from a formula that gives the elements:
///
///   struct Formula {
///     static constexpr auto name = "huber";
///     static constexpr auto options = ", float delta=1.0";
///     static at::Tensor elements(const at::Tensor& t, const at::Tensor& p, double delta);
///   };
///   using Operator = MeanOperator<Formula, double>;
///
/// A formula may name its CPU kernel, as for ElementwiseOperator.
template <class Formula, class... Options>
class MeanOperator {
  struct Mean {
    static constexpr auto name = Formula::name;
    static constexpr auto options = Formula::options;
    static at::Tensor composed(const at::Tensor& y_true, const at::Tensor& y_pred,
                               Options... options) {
      check_same_shape(y_true, y_pred);
      return mean_over_last_axis(Formula::elements(as_numbers(y_true, y_pred), y_pred, options...));
    }
    template <class F = Formula, class... Arguments>
    static auto kernel(const Arguments&... arguments) -> decltype(F::kernel(arguments...)) {
      return Formula::kernel(arguments...);
    }
  };
  static constexpr bool kHasKernel = requires(Options... options) { Formula::kernel(options...); }
  || requires(at::Tensor y_true, Options... options) { Formula::kernel(y_true, options...); };
  using Operator = std::conditional_t<kHasKernel, ElementwiseOperator<Mean, Options...>,
                                      FusedOperator<Mean, Options...>>;

 public:
  /// Defines the operators; called once, in TORCH_LIBRARY_FRAGMENT(assay, library).
  static void define(torch::Library& library) { Operator::define(library); }

  /// The means over `axis` of labels and predictions that have one shape, a trailing 1 aside.
  static at::Tensor over_axis(std::int64_t axis, const at::Tensor& y_true, const at::Tensor& y_pred,
                              const Options&... options) {
    const auto [t, p] = align_same_shape(y_true, y_pred);
    return Operator::call(axis_last(t, axis), axis_last(p, axis), options...);
  }

  /// The means over the last axis: `over_axis` with -1.
  static at::Tensor call(const at::Tensor& y_true, const at::Tensor& y_pred,
                         const Options&... options) {
    return over_axis(-1, y_true, y_pred, options...);
  }
};

}  // namespace assay
#pragma GCC visibility pop
