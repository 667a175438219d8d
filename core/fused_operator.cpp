// SPDX-License-Identifier: Apache-2.0
#include <assay/core/fused_operator.h>

namespace assay {

std::pair<at::Tensor, at::Tensor> to_one_dtype(const at::Tensor& y_true, const at::Tensor& y_pred) {
  const auto same = y_true.scalar_type() == y_pred.scalar_type();
  if (same && at::isReducedFloatingType(y_pred.scalar_type())) return {y_true, y_pred};
  const auto dtype = compute_dtype(y_pred.scalar_type());
  return {y_true.to(dtype), y_pred.to(dtype)};
}

}  // namespace assay
