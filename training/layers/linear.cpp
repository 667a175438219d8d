// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/training/layers/layer-inl.h>
#include <assay/training/layers/linear.h>

namespace assay::training::layers {

Linear::Linear(Options options) : LayerOf(std::move(options)) {
  if (options_.in_features) make_weights();
}

void Linear::build(const at::Tensor& example) {
  if (built()) return;
  options_.in_features = axis_size(example, -1, "Linear");
  make_weights();
}

void Linear::make_weights() {
  const auto in = *options_.in_features;
  weight_ = register_parameter("weight", at::empty({options_.out_features, in}));
  init_uniform_fan_in(weight_, in);
  if (!options_.bias) return;
  bias_ = register_parameter("bias", at::empty({options_.out_features}));
  init_uniform_fan_in(bias_, in);
}

at::Tensor Linear::forward(const at::Tensor& x) {
  check_built(built(), "Linear");
  check_axis(x, -1, *options_.in_features, "Linear");
  return at::linear(x, weight_, bias_);
}

void register_linear(LayerRegistry& registry) { registry.add<Linear>(); }

}  // namespace assay::training::layers
