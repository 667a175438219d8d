// SPDX-License-Identifier: Apache-2.0
#include <assay/core/dtype.h>
#include <assay/core/kernels/cpu/sparse_crossentropy.h>
#include <assay/core/labels.h>
#include <assay/core/operators/early_gradient.h>
#include <assay/core/operators/kernel_input.h>
#include <assay/core/operators/sparse_crossentropy.h>

#include <algorithm>
#include <atomic>

namespace assay {
namespace {

using kernels::cpu::Compute;
using kernels::cpu::SparseCrossentropyInput;

// Labels, predictions and class weights as the kernels take them.
struct Operands {
  Operands(const at::Tensor& y_true, const at::Tensor& y_pred,
           const SparseCrossentropyOptions& options)
      : options(options),
        axis(class_axis(y_pred, options.axis)),
        labels(sparse_labels(y_true, y_pred, axis).contiguous()),
        predictions(kernel_operand(y_pred)),
        compute(compute_dtype(predictions.scalar_type())) {
    if (options.class_weight) class_weight = options.class_weight->to(compute).contiguous();
  }

  template <class T>
  SparseCrossentropyInput<T> input() const {
    return {.y_pred = kernel_data<T>(predictions),
            .layout = kernels::cpu::AxisLayout::contiguous(predictions.size(axis), inner()),
            .labels = labels.const_data_ptr<std::int64_t>(),
            .class_weight = kernel_data<Compute<T>>(class_weight),
            .label_smoothing = options.label_smoothing,
            .has_ignore_class = options.ignore_class.has_value(),
            .ignore_class = options.ignore_class.value_or(0)};
  }

  std::int64_t inner() const {
    return labels.numel() == 0 ? 1 : c10::multiply_integers(predictions.sizes().slice(axis + 1));
  }
  std::int64_t rows() const { return labels.numel(); }
  // Labels that are not ignored.
  std::int64_t counted() const {
    if (!options.ignore_class) return rows();
    const auto* label = labels.const_data_ptr<std::int64_t>();
    return rows() - std::count(label, label + rows(), *options.ignore_class);
  }
  std::int64_t classes() const { return predictions.size(axis); }

  const SparseCrossentropyOptions& options;
  std::int64_t axis;
  at::Tensor labels;
  at::Tensor predictions;
  at::ScalarType compute;
  at::Tensor class_weight;
};

}  // namespace

std::vector<at::Tensor> sparse_crossentropy_forward_cpu(const at::Tensor& y_true,
                                                        const at::Tensor& y_pred,
                                                        const SparseCrossentropyOptions& options) {
  const Operands operands(y_true, y_pred, options);
  const auto like = operands.predictions.options().dtype(operands.compute);
  const auto values = at::empty(operands.labels.sizes(), like);
  const auto row_max = at::empty(values.sizes(), like);
  const auto row_sum = at::empty(values.sizes(), like);
  const auto early = early_gradient::asked(operands.counted());
  const auto gradient = early ? empty_output(operands.predictions) : at::Tensor();
  std::atomic<bool> bad_label = false;
  dispatch_kernel_type(operands.predictions.scalar_type(), [&]<class T>() {
    using C = Compute<T>;
    const auto input = operands.input<T>();
    auto* value = mutable_kernel_data<C>(values);
    auto* max = mutable_kernel_data<C>(row_max);
    auto* sum = mutable_kernel_data<C>(row_sum);
    auto* grad = early ? mutable_kernel_data<T>(gradient) : nullptr;
    const auto each = static_cast<C>(early.value_or(0));
    const auto run = [&](std::int64_t begin, std::int64_t end) {
      using namespace kernels::cpu;
      std::int64_t bad = -1;
      if (options.from_logits) {
        bad = early ? softmax_crossentropy_with_gradient(input, begin, end, value, max, sum, each,
                                                         grad)
                    : softmax_crossentropy_forward(input, begin, end, value, max, sum);
      } else {
        bad = early ? probability_crossentropy_with_gradient(input, begin, end, value, sum, each,
                                                             grad)
                    : probability_crossentropy_forward(input, begin, end, value, sum);
      }
      if (bad >= 0) bad_label = true;
    };
    parallel_over_blocks(operands.rows(), operands.classes(), operands.inner(), run);
  });
  if (bad_label) check_label_range(operands.labels, operands.classes(), options.ignore_class);
  if (early) early_gradient::give(gradient.to(y_pred.scalar_type()), *early);
  return {values, row_max, row_sum};
}

at::Tensor sparse_crossentropy_backward_cpu(const at::Tensor& grad, const at::Tensor& y_true,
                                            const at::Tensor& y_pred, at::TensorList statistics,
                                            const SparseCrossentropyOptions& options) {
  const Operands operands(y_true, y_pred, options);
  const auto row_grad = row_gradient(grad, operands.compute);
  const auto result = empty_output(operands.predictions);
  dispatch_kernel_type(operands.predictions.scalar_type(), [&]<class T>() {
    const auto input = operands.input<T>();
    const auto* max = kernel_data<Compute<T>>(statistics[0]);
    const auto* sum = kernel_data<Compute<T>>(statistics[1]);
    const auto* grad_value = kernel_data<Compute<T>>(row_grad.tensor);
    auto* grad_data = mutable_kernel_data<T>(result);
    parallel_for(0, operands.rows(), rows_per_task(operands.classes()),
                 [&](std::int64_t begin, std::int64_t end) {
                   if (options.from_logits) {
                     kernels::cpu::softmax_crossentropy_backward(
                         input, begin, end, max, sum, grad_value, row_grad.stride, grad_data);
                   } else {
                     kernels::cpu::probability_crossentropy_backward(
                         input, begin, end, sum, grad_value, row_grad.stride, grad_data);
                   }
                 });
  });
  return result.to(y_pred.scalar_type());
}

}  // namespace assay
