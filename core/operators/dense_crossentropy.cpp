// SPDX-License-Identifier: Apache-2.0
#include <assay/core/dtype.h>
#include <assay/core/kernels/cpu/dense_crossentropy.h>
#include <assay/core/labels.h>
#include <assay/core/operators/dense_crossentropy.h>
#include <assay/core/operators/early_gradient.h>
#include <assay/core/operators/kernel_input.h>
#include <assay/core/shapes.h>

namespace assay {
namespace {

using kernels::cpu::Compute;
using kernels::cpu::DenseCrossentropyInput;

// Labels, predictions and class weights as the kernels take them.
struct DenseOperands {
  DenseOperands(const at::Tensor& y_true, const at::Tensor& y_pred,
                const DenseCrossentropyOptions& options)
      : options(options), axis(class_axis(y_pred, options.axis)) {
    check_same_shape(y_true, y_pred);
    std::tie(targets, predictions) = kernel_operands(y_true, y_pred);
    compute = compute_dtype(predictions.scalar_type());
    if (options.class_weight) class_weight = options.class_weight->to(compute).contiguous();
  }

  template <class T>
  DenseCrossentropyInput<T> input() const {
    return {.y_true = kernel_data<T>(targets),
            .y_pred = kernel_data<T>(predictions),
            .classes = classes(),
            .inner = inner(),
            .class_weight = kernel_data<Compute<T>>(class_weight),
            .label_smoothing = options.label_smoothing};
  }

  std::vector<std::int64_t> shape() const {
    auto shape = predictions.sizes().vec();
    shape.erase(shape.begin() + axis);
    return shape;
  }
  std::int64_t classes() const { return predictions.size(axis); }
  std::int64_t inner() const { return c10::multiply_integers(predictions.sizes().slice(axis + 1)); }
  std::int64_t rows() const { return predictions.numel() / classes(); }

  const DenseCrossentropyOptions& options;
  std::int64_t axis;
  at::Tensor targets;
  at::Tensor predictions;
  at::ScalarType compute = at::kFloat;
  at::Tensor class_weight;
};

}  // namespace

std::vector<at::Tensor> dense_crossentropy_forward_cpu(const at::Tensor& y_true,
                                                       const at::Tensor& y_pred,
                                                       const DenseCrossentropyOptions& options) {
  const DenseOperands operands(y_true, y_pred, options);
  const auto shape = operands.shape();
  const auto like = operands.predictions.options().dtype(operands.compute);
  if (operands.predictions.numel() == 0) {
    const auto nothing = [&] { return at::zeros(shape, like); };
    return {nothing(), nothing(), nothing(), nothing()};
  }
  const auto values = at::empty(shape, like);
  const auto row_max = at::empty(shape, like);
  const auto row_sum = at::empty(shape, like);
  const auto row_target = at::empty(shape, like);
  const auto early = early_gradient::asked(operands.rows());
  const auto gradient = early ? empty_output(operands.predictions) : at::Tensor();
  dispatch_kernel_type(operands.predictions.scalar_type(), [&]<class T>() {
    using C = Compute<T>;
    const auto input = operands.input<T>();
    auto* value = mutable_kernel_data<C>(values);
    auto* max = mutable_kernel_data<C>(row_max);
    auto* sum = mutable_kernel_data<C>(row_sum);
    auto* target = mutable_kernel_data<C>(row_target);
    auto* grad = early ? mutable_kernel_data<T>(gradient) : nullptr;
    const auto each = static_cast<C>(early.value_or(0));
    const auto run = [&](std::int64_t begin, std::int64_t end) {
      using namespace kernels::cpu;
      if (options.from_logits && early) {
        dense_softmax_crossentropy_with_gradient(input, begin, end, value, max, sum, target, each,
                                                 grad);
      } else if (options.from_logits) {
        dense_softmax_crossentropy_forward(input, begin, end, value, max, sum, target);
      } else {
        dense_probability_crossentropy_forward(input, begin, end, value, sum, target);
        if (early) {
          dense_probability_crossentropy_backward(input, begin, end, sum, target, &each, 0, grad);
        }
      }
    };
    parallel_over_blocks(operands.rows(), operands.classes(), operands.inner(), run);
  });
  if (early) early_gradient::give(gradient.to(y_pred.scalar_type()), *early);
  return {values, row_max, row_sum, row_target};
}

at::Tensor dense_crossentropy_backward_cpu(const at::Tensor& grad, const at::Tensor& y_true,
                                           const at::Tensor& y_pred, at::TensorList statistics,
                                           const DenseCrossentropyOptions& options) {
  const DenseOperands operands(y_true, y_pred, options);
  const auto row_grad = row_gradient(grad, operands.compute);
  const auto result = empty_output(operands.predictions);
  if (result.numel() == 0) return result.to(y_pred.scalar_type());
  dispatch_kernel_type(operands.predictions.scalar_type(), [&]<class T>() {
    const auto input = operands.input<T>();
    const auto* max = kernel_data<Compute<T>>(statistics[0]);
    const auto* sum = kernel_data<Compute<T>>(statistics[1]);
    const auto* target = kernel_data<Compute<T>>(statistics[2]);
    const auto* grad_value = kernel_data<Compute<T>>(row_grad.tensor);
    auto* grad_data = mutable_kernel_data<T>(result);
    parallel_for(0, operands.rows(), rows_per_task(operands.classes()),
                 [&](std::int64_t begin, std::int64_t end) {
                   if (options.from_logits) {
                     kernels::cpu::dense_softmax_crossentropy_backward(input, begin, end, max, sum,
                                                                       target, grad_value,
                                                                       row_grad.stride, grad_data);
                   } else {
                     kernels::cpu::dense_probability_crossentropy_backward(
                         input, begin, end, sum, target, grad_value, row_grad.stride, grad_data);
                   }
                 });
  });
  return result.to(y_pred.scalar_type());
}

}  // namespace assay
