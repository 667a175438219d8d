// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/shapes.h>
#include <assay/training/layers/activations.h>
#include <assay/training/layers/layer-inl.h>
#include <c10/util/Exception.h>

#include <limits>

namespace assay::training::layers {
namespace {

void check_has_axis(const at::Tensor& x, std::int64_t axis, const char* layer) {
  TORCH_CHECK_VALUE(axis >= -x.dim() && axis < x.dim(), layer, " got ", describe(x),
                    "; expected an axis ", axis);
}

}  // namespace

Activation::Activation(Options options) : LayerOf(std::move(options)) {
  check_activation(options_.activation, "Activation.activation");
}

at::Tensor Activation::forward(const at::Tensor& x) { return activate(options_.activation, x); }

at::Tensor ReLU::forward(const at::Tensor& x) {
  const auto& [max_value, slope, threshold, name] = options_;
  if (slope == 0 && threshold == 0 && !max_value) return at::relu(x);
  const auto kept = x.clamp_max(max_value.value_or(std::numeric_limits<double>::infinity()));
  return at::where(x.ge(threshold), kept, (x - threshold) * slope);
}

at::Tensor LeakyReLU::forward(const at::Tensor& x) {
  return at::leaky_relu(x, options_.negative_slope);
}

at::Tensor ELU::forward(const at::Tensor& x) { return at::elu(x, options_.alpha); }

at::Tensor Softmax::forward(const at::Tensor& x) {
  check_has_axis(x, options_.axis, "Softmax");
  return at::softmax(x, options_.axis);
}

at::Tensor LogSoftmax::forward(const at::Tensor& x) {
  check_has_axis(x, options_.dim, "LogSoftmax");
  return at::log_softmax(x, options_.dim);
}

at::Tensor GELU::forward(const at::Tensor& x) { return at::gelu(x, options_.approximate); }

at::Tensor Sigmoid::forward(const at::Tensor& x) { return at::sigmoid(x); }

at::Tensor Tanh::forward(const at::Tensor& x) { return at::tanh(x); }

at::Tensor SiLU::forward(const at::Tensor& x) { return at::silu(x); }

void register_activations(LayerRegistry& registry) {
  registry.add<Activation>();
  registry.add<ReLU>({"relu"});
  registry.add<LeakyReLU>();
  registry.add<ELU>();
  registry.add<Softmax>();
  registry.add<LogSoftmax>();
  registry.add<GELU>();
  registry.add<Sigmoid>();
  registry.add<Tanh>();
  registry.add<SiLU>({"silu"});
}

}  // namespace assay::training::layers
