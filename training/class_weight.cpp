// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/shapes.h>
#include <assay/training/class_weight.h>

namespace assay::training {

at::Tensor with_class_weight(const Batch& batch, const std::map<std::int64_t, double>& weights) {
  const auto& y = batch.y;
  TORCH_CHECK_VALUE(y.defined() && (y.dim() == 1 || y.dim() == 2), "class_weight: y is ",
                    describe(y), "; expected [batch], [batch, 1] or one-hot [batch, classes]");
  const bool one_hot = y.dim() == 2 && y.size(1) > 1;
  const auto labels = one_hot ? y.argmax(1) : y.reshape({-1}).to(at::kLong);
  auto factors = at::ones(labels.sizes(), at::TensorOptions(at::kFloat).device(y.device()));
  for (const auto& [label, weight] : weights) factors.masked_fill_(labels.eq(label), weight);
  const auto& given = batch.sample_weight;
  if (!given.defined()) return factors;
  if (given.dim() <= 1) return given * factors;
  std::vector<std::int64_t> shape(static_cast<std::size_t>(given.dim()), 1);
  shape[0] = -1;
  return given * factors.view(shape);
}

}  // namespace assay::training
