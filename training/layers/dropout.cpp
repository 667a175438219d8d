// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/training/layers/dropout.h>
#include <assay/training/layers/layer-inl.h>

namespace assay::training::layers {

at::Tensor Dropout::forward(const at::Tensor& x) {
  return at::dropout(x, options_.rate, is_training());
}

void register_dropout(LayerRegistry& registry) { registry.add<Dropout>(); }

}  // namespace assay::training::layers
