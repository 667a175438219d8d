// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/shapes.h>
#include <assay/training/layers/weights.h>
#include <c10/util/Exception.h>

#include <cmath>

namespace assay::training::layers {
namespace {

void copy_into(const at::Tensor& from, at::Tensor& to, const std::optional<torch::Device>& device) {
  auto copy = from.detach().to(device.value_or(from.device()), from.scalar_type(),
                               /*non_blocking=*/false, /*copy=*/true);
  to.set_data(copy);
  to.requires_grad_(from.requires_grad());
}

}  // namespace

void copy_weights(const torch::nn::Module& from, torch::nn::Module& to,
                  const std::optional<torch::Device>& device) {
  const at::NoGradGuard no_grad;
  auto parameters = to.named_parameters();
  for (const auto& parameter : from.named_parameters()) {
    copy_into(parameter.value(), parameters[parameter.key()], device);
  }
  auto buffers = to.named_buffers();
  for (const auto& buffer : from.named_buffers()) {
    copy_into(buffer.value(), buffers[buffer.key()], device);
  }
  copy_modes(from, to);
}

void copy_modes(const torch::nn::Module& from, torch::nn::Module& to) {
  const auto whole = from.modules(/*include_self=*/false);
  const auto copies = to.modules(/*include_self=*/false);
  to.train(from.is_training());
  // From the outside in: a part's mode may differ from that of what holds it.
  for (std::size_t i = 0; i < whole.size(); ++i) copies[i]->train(whole[i]->is_training());
}

void init_uniform_fan_in(at::Tensor& tensor, std::int64_t fan_in) {
  const at::NoGradGuard no_grad;
  const double bound = 1 / std::sqrt(static_cast<double>(fan_in));
  tensor.uniform_(-bound, bound);
}

void init_glorot_uniform(at::Tensor& tensor, std::int64_t fan_in, std::int64_t fan_out) {
  const at::NoGradGuard no_grad;
  const double bound = std::sqrt(6 / static_cast<double>(fan_in + fan_out));
  tensor.uniform_(-bound, bound);
}

void check_built(bool built, const char* layer) {
  TORCH_CHECK_VALUE(
      built, layer,
      " has no parameters yet; expected the input's size in its options, or a call of "
      "build with an example");
}

void check_rank(const at::Tensor& x, std::int64_t rank, const char* layer, const char* expected) {
  TORCH_CHECK_VALUE(x.dim() == rank, layer, " got ", describe(x), "; expected ", expected);
}

void check_axis(const at::Tensor& x, std::int64_t axis, std::int64_t size, const char* layer) {
  TORCH_CHECK_VALUE(axis_size(x, axis, layer) == size, layer, " got ", describe(x), "; expected ",
                    size, axis < 0 ? " on the last axis" : " on axis 1");
}

std::int64_t axis_size(const at::Tensor& example, std::int64_t axis, const char* layer) {
  const auto least = axis < 0 ? -axis : axis + 1;
  TORCH_CHECK_VALUE(example.dim() >= least, layer, " got ", describe(example),
                    "; expected at least ", least, least == 1 ? " axis" : " axes");
  return example.size(axis);
}

}  // namespace assay::training::layers
