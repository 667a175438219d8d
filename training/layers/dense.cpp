// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/training/layers/dense.h>
#include <assay/training/layers/layer-inl.h>

namespace assay::training::layers {

Dense::Dense(Options options) : LayerOf(std::move(options)) {
  check_activation(options_.activation, "Dense.activation");
  if (options_.in_features) make_weights();
}

void Dense::build(const at::Tensor& example) {
  if (built()) return;
  options_.in_features = axis_size(example, -1, "Dense");
  make_weights();
}

void Dense::make_weights() {
  weight_ = register_parameter("weight", at::empty({options_.units, *options_.in_features}));
  init_glorot_uniform(weight_, *options_.in_features, options_.units);
  if (options_.use_bias) bias_ = register_parameter("bias", at::zeros({options_.units}));
}

at::Tensor Dense::forward(const at::Tensor& x) {
  check_built(built(), "Dense");
  check_axis(x, -1, *options_.in_features, "Dense");
  return activate(options_.activation, at::linear(x, weight_, bias_));
}

void register_dense(LayerRegistry& registry) { registry.add<Dense>(); }

}  // namespace assay::training::layers
