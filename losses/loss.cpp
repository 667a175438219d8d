// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/dtype.h>
#include <assay/core/operators/early_gradient.h>
#include <assay/core/shapes.h>
#include <assay/losses/loss.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <vector>

namespace assay::losses {
namespace {

void check_input(const at::Tensor& tensor, const char* argument) {
  TORCH_CHECK_VALUE(tensor.defined(), argument, " is missing");
  TORCH_CHECK_VALUE(!tensor.is_complex(), argument, " is ", describe(tensor),
                    "; expected real numbers");
}

// Predictions whose masked entries are 1, which every loss takes. A NaN that is only masked later
// would reach the gradient, as 0 * NaN.
at::Tensor without_masked(const at::Tensor& y_pred, const at::Tensor& mask,
                          const IntegerOrList& axes) {
  const auto rank = y_pred.dim();
  std::vector<std::int64_t> own = axes.numbers();
  if (!axes.given()) {
    own.resize(rank);
    std::iota(own.begin(), own.end(), 0);
  }
  for (auto& axis : own) {
    if (rank == 0) continue;
    if (axis < -rank || axis >= rank) return y_pred;  // the loss itself reports it
    if (axis < 0) axis += rank;
  }
  if (rank == 0) own.clear();
  std::sort(own.begin(), own.end());
  auto values = y_pred;
  for (auto axis = own.rbegin(); axis != own.rend(); ++axis) {
    if (values.size(*axis) == 0) return y_pred;
    values = values.select(*axis, 0);
  }
  auto keep = align_mask(mask, values).expand_as(values);
  for (const auto axis : own) keep = keep.unsqueeze(axis);
  return at::where(keep, y_pred, at::ones({}, y_pred.options()));
}

}  // namespace

Loss::Loss(std::string name, Reduction reduction, std::optional<at::ScalarType> dtype)
    : Module(std::move(name)), reduction_(reduction), dtype_(dtype) {
  TORCH_CHECK_VALUE(!dtype || at::isFloatingType(*dtype), "dtype: must be a floating type, got ",
                    dtype_name(*dtype));
}

LossValues Loss::values(const at::Tensor& y_true, const at::Tensor& y_pred, const at::Tensor& mask,
                        std::optional<Reduction> expected) const {
  check_input(y_true, "y_true");
  check_input(y_pred, "y_pred");
  TORCH_CHECK_VALUE(y_true.device() == y_pred.device(), "y_true is on ", y_true.device(),
                    ", y_pred is on ", y_pred.device(), "; expected one device");
  const auto axes = value_axes();
  const auto kept = mask.defined() && axes ? without_masked(y_pred, mask, *axes) : y_pred;
  const ExpectReduction expect(mask.defined() ? std::nullopt : expected);
  auto called = call(y_true, dtype_ ? kept.to(*dtype_) : kept);
  if (mask.defined()) {
    const auto given = align_mask(mask, called.values);
    called.mask = called.mask.defined() ? called.mask.logical_and(given) : given;
    called.masked_are_ignored = false;
  }
  return called;
}

at::Tensor Loss::forward(const at::Tensor& y_true, const at::Tensor& y_pred,
                         const at::Tensor& sample_weight, const at::Tensor& mask) const {
  const auto called = values(y_true, y_pred, mask,
                             sample_weight.defined() ? std::nullopt : std::optional(reduction_));
  return reduce_weighted_values(called.values, sample_weight, called.mask, reduction_,
                                called.masked_are_ignored)
      .to(dtype_ ? *dtype_ : result_dtype(y_pred));
}

WeightedSum Loss::forward_sum(const at::Tensor& y_true, const at::Tensor& y_pred,
                              const at::Tensor& sample_weight, const at::Tensor& mask) const {
  const auto called = values(y_true, y_pred, mask, std::nullopt);
  return sum_weighted_values(called.values, sample_weight, called.mask, reduction_);
}

}  // namespace assay::losses
