// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/training/data/batch_range.h>
#include <c10/util/Exception.h>

namespace assay::training {

Batch stacked(const std::vector<at::Tensor>& x, const std::vector<at::Tensor>& y) {
  TORCH_CHECK_VALUE(!x.empty(), "a batch has no samples; expected at least one");
  return {at::stack(x), at::stack(y)};
}

}  // namespace assay::training
