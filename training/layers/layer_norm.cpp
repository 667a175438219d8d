// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/shapes.h>
#include <assay/training/layers/layer-inl.h>
#include <assay/training/layers/layer_norm.h>
#include <c10/util/Exception.h>

namespace assay::training::layers {

LayerNorm::LayerNorm(Options options) : LayerOf(std::move(options)) {
  if (built()) make_weights();
}

void LayerNorm::build(const at::Tensor& example) {
  if (built()) return;
  options_.normalized_shape = {{axis_size(example, -1, "LayerNorm")}};
  make_weights();
}

void LayerNorm::make_weights() {
  if (!options_.elementwise_affine) return;
  weight_ = register_parameter("weight", at::ones(*options_.normalized_shape));
  if (options_.bias) bias_ = register_parameter("bias", at::zeros(*options_.normalized_shape));
}

at::Tensor LayerNorm::forward(const at::Tensor& x) {
  check_built(built(), "LayerNorm");
  const at::IntArrayRef shape = *options_.normalized_shape;
  TORCH_CHECK_VALUE(
      x.sizes().size() >= shape.size() && x.sizes().slice(x.sizes().size() - shape.size()) == shape,
      "LayerNorm got ", describe(x), "; expected a shape that ends with ", describe(shape));
  return at::layer_norm(x, shape, weight_, bias_, options_.eps);
}

void register_layer_norm(LayerRegistry& registry) { registry.add<LayerNorm>(); }

}  // namespace assay::training::layers
