// SPDX-License-Identifier: Apache-2.0
// Parameters of layers: their first values, copies of them, checks of what comes in.
#pragma once
#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>
#include <optional>
#include <string>

namespace assay::training::layers {

/// Makes parameters and buffers of `to` copies of those of `from`, with their device (or `device`),
/// type and requires_grad, and takes over the training mode. Both have the same structure.
void copy_weights(const torch::nn::Module& from, torch::nn::Module& to,
                  const std::optional<torch::Device>& device);

/// Gives each part of `to` the training mode of that of `from`.
void copy_modes(const torch::nn::Module& from, torch::nn::Module& to);

/// LibTorch's default: uniform in +-1/sqrt(fan_in), for weights and biases alike.
/// Source: torch.nn.Linear, torch.nn.Conv2d.
void init_uniform_fan_in(at::Tensor& tensor, std::int64_t fan_in);

/// Keras's default: uniform in +-sqrt(6 / (fan_in + fan_out)).
/// Source: keras.initializers.GlorotUniform.
void init_glorot_uniform(at::Tensor& tensor, std::int64_t fan_in, std::int64_t fan_out);

/// Errors: ValueError that names the layer, where a layer is called before it is built.
void check_built(bool built, const char* layer);

/// Errors: ValueError with the shape, where `x` does not have `rank` axes.
void check_rank(const at::Tensor& x, std::int64_t rank, const char* layer, const char* expected);

/// Errors: ValueError with the shape, where an axis of `x` is missing or has another size.
void check_axis(const at::Tensor& x, std::int64_t axis, std::int64_t size, const char* layer);

/// Size of an axis of an example. Errors: ValueError where it has too few axes.
std::int64_t axis_size(const at::Tensor& example, std::int64_t axis, const char* layer);

}  // namespace assay::training::layers
