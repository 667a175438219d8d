// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/dtype.h>
#include <assay/core/shapes.h>
#include <assay/losses/loss.h>

namespace assay::losses {
namespace {

void check_input(const at::Tensor& tensor, const char* argument) {
  TORCH_CHECK_VALUE(tensor.defined(), argument, " is missing");
  TORCH_CHECK_VALUE(!tensor.is_complex(), argument, " is ", describe(tensor),
                    "; expected real numbers");
}

}  // namespace

Loss::Loss(std::string name, Reduction reduction, std::optional<at::ScalarType> dtype)
    : Module(std::move(name)), reduction_(reduction), dtype_(dtype) {
  TORCH_CHECK_VALUE(!dtype || at::isFloatingType(*dtype), "dtype: must be a floating type, got ",
                    dtype_name(*dtype));
}

at::Tensor Loss::forward(const at::Tensor& y_true, const at::Tensor& y_pred,
                         const at::Tensor& sample_weight, const at::Tensor& mask) const {
  check_input(y_true, "y_true");
  check_input(y_pred, "y_pred");
  TORCH_CHECK_VALUE(y_true.device() == y_pred.device(), "y_true is on ", y_true.device(),
                    ", y_pred is on ", y_pred.device(), "; expected one device");
  const auto result = dtype_ ? *dtype_ : result_dtype(y_pred);
  auto [values, keep] = call(y_true, dtype_ ? y_pred.to(*dtype_) : y_pred);
  if (mask.defined()) {
    const auto given = align_mask(mask, values);
    keep = keep.defined() ? keep.logical_and(given) : given;
  }
  return reduce_weighted_values(values, sample_weight, keep, reduction_).to(result);
}

}  // namespace assay::losses
