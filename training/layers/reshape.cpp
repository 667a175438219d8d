// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/shapes.h>
#include <assay/training/layers/layer-inl.h>
#include <assay/training/layers/reshape.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <functional>
#include <numeric>

namespace assay::training::layers {
namespace {

std::int64_t product(at::IntArrayRef sizes) {
  return std::accumulate(sizes.begin(), sizes.end(), std::int64_t{1}, std::multiplies());
}

}  // namespace

at::Tensor Flatten::forward(const at::Tensor& x) {
  const auto batch = axis_size(x, 0, "Flatten");
  return x.reshape({batch, product(x.sizes().slice(1))});
}

at::Tensor Reshape::forward(const at::Tensor& x) {
  auto shape = options_.target_shape;
  const auto open = std::ranges::find(shape, -1);
  const auto elements = (axis_size(x, 0, "Reshape"), product(x.sizes().slice(1)));
  // The batch may be empty, so what is left is computed of one sample.
  const auto given = open == shape.end() ? product(shape) : -product(shape);
  const bool fits = open == shape.end() ? elements == given : elements % given == 0;
  TORCH_CHECK_VALUE(fits, "Reshape got ", describe(x), ", ", elements,
                    " elements a sample; expected as many as target_shape ",
                    describe(options_.target_shape), " holds");
  if (open != shape.end()) *open = elements / given;
  shape.insert(shape.begin(), x.size(0));
  return x.reshape(shape);
}

void register_reshape(LayerRegistry& registry) {
  registry.add<Flatten>();
  registry.add<Reshape>();
}

}  // namespace assay::training::layers
