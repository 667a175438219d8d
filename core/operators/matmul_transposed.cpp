// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/operators/matmul_transposed.h>
#include <assay/core/operators/operator_handle.h>

#include <optional>
#include <utility>

namespace assay {
namespace {

// In boxes, as its C++ signature differs among LibTorch's versions.
at::Tensor onednn_linear(const c10::OperatorHandle& handle, const at::Tensor& x,
                         const at::Tensor& w, const at::Tensor& bias) {
  const auto no_attribute = c10::List<std::optional<at::Scalar>>();
  torch::jit::Stack stack{x, w, optional(bias), "none", no_attribute, c10::IValue()};
  handle.callBoxed(stack);
  return std::move(stack.front()).toTensor();
}

// oneDNN takes matrices of other strides by its reference code, a hundred times slower.
at::Tensor contiguous_or_transposed(const at::Tensor& matrix) {
  return matrix.t().is_contiguous() ? matrix : matrix.contiguous();
}

}  // namespace

at::Tensor matmul_transposed(const at::Tensor& x, const at::Tensor& w, const at::Tensor& bias) {
  static const auto onednn =
      c10::Dispatcher::singleton().findSchema({"mkldnn::_linear_pointwise", ""});
  if (onednn && at::globalContext().userEnabledMkldnn() && x.scalar_type() == at::kFloat &&
      x.numel() > 0 && w.numel() > 0) {
    return onednn_linear(*onednn, x.contiguous(), contiguous_or_transposed(w), bias);
  }
  return bias.defined() ? at::addmm(bias, x, w.t()) : at::mm(x, w.t());
}

}  // namespace assay
