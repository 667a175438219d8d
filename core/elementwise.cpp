// SPDX-License-Identifier: Apache-2.0
#include <assay/core/elementwise.h>

namespace assay {

at::Tensor mean_over_last_axis(const at::Tensor& elements) {
  if (elements.dim() == 0) return elements;
  if (elements.size(-1) == 0) return elements.sum(-1);
  return elements.mean(-1);
}

at::Tensor axis_last(const at::Tensor& tensor, std::int64_t axis) {
  const auto rank = std::max<std::int64_t>(tensor.dim(), 1);
  TORCH_CHECK_VALUE(axis >= -rank && axis < rank, "axis is ", axis, ", the tensor has shape ",
                    describe(tensor.sizes()));
  return tensor.dim() < 2 ? tensor : tensor.movedim(axis, -1);
}

}  // namespace assay
