// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/kernels/cpu/adam.h>
#include <assay/core/parallel_for.h>
#include <assay/training/optimizers/adam_update.h>

namespace assay::training::optimizers {
namespace {

namespace cpu = kernels::cpu;

constexpr std::int64_t kNumbersAThread = 16384;

// Whether number i of all of them belongs to element i of the parameter.
bool lie_alike(const at::Tensor& parameter, const at::Tensor& gradient, const AdamMeans& means) {
  const auto like_parameter = [&](const at::Tensor& tensor) {
    return tensor.device().is_cpu() && tensor.scalar_type() == parameter.scalar_type() &&
           tensor.strides() == parameter.strides();
  };
  return parameter.is_non_overlapping_and_dense() && like_parameter(parameter) &&
         like_parameter(gradient) && like_parameter(means.gradient) &&
         like_parameter(means.square) &&
         (!means.largest_square.defined() || like_parameter(means.largest_square));
}

template <class T>
void update_in_one_pass(const at::Tensor& parameter, const at::Tensor& gradient,
                        const AdamMeans& means, const AdamStep& step) {
  const cpu::AdamNumbers<T> numbers = {
      .parameter = parameter.mutable_data_ptr<T>(),
      .gradient = gradient.const_data_ptr<T>(),
      .mean = means.gradient.mutable_data_ptr<T>(),
      .square = means.square.mutable_data_ptr<T>(),
      .largest_square =
          means.largest_square.defined() ? means.largest_square.mutable_data_ptr<T>() : nullptr};
  const cpu::AdamFactors<T> factors = {.mean_weight = static_cast<T>(1 - step.beta_1),
                                       .square_kept = static_cast<T>(step.beta_2),
                                       .square_weight = static_cast<T>(1 - step.beta_2),
                                       .epsilon = static_cast<T>(step.epsilon),
                                       .rate = static_cast<T>(step.rate)};
  parallel_for(0, parameter.numel(), kNumbersAThread, [&](std::int64_t begin, std::int64_t end) {
    cpu::adam_update(numbers, factors, begin, end);
  });
  parameter.unsafeGetTensorImpl()->bump_version();
}

}  // namespace

void adam_update(const at::Tensor& parameter, const at::Tensor& gradient, const AdamMeans& means,
                 const AdamStep& step) {
  const auto type = parameter.scalar_type();
  if ((type == at::kFloat || type == at::kDouble) && lie_alike(parameter, gradient, means)) {
    (type == at::kFloat ? update_in_one_pass<float>
                        : update_in_one_pass<double>)(parameter, gradient, means, step);
    return;
  }
  means.gradient.lerp_(gradient, 1 - step.beta_1);
  means.square.mul_(step.beta_2).addcmul_(gradient, gradient, 1 - step.beta_2);
  if (means.largest_square.defined()) {
    auto largest = means.largest_square;
    at::maximum_out(largest, largest, means.square);
  }
  const auto& squares = means.largest_square.defined() ? means.largest_square : means.square;
  parameter.addcdiv_(means.gradient, squares.sqrt().add_(step.epsilon), -step.rate);
}

}  // namespace assay::training::optimizers
