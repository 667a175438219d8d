// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/shapes.h>
#include <assay/training/report/operating_point.h>
#include <c10/util/Exception.h>

#include <cmath>
#include <utility>

namespace assay::training::report {
namespace {

// (whether the label is 1, the score in float64) of each row.
std::pair<at::Tensor, at::Tensor> binary_rows(const at::Tensor& y_true, const at::Tensor& y_pred) {
  const auto one_a_row = [](const at::Tensor& tensor) {
    return tensor.defined() && tensor.dim() >= 1 && tensor.numel() == tensor.size(0);
  };
  TORCH_CHECK_VALUE(one_a_row(y_true) && one_a_row(y_pred) && y_true.size(0) == y_pred.size(0),
                    "a threshold needs labels of 0 and 1 and one prediction a row; the labels are ",
                    describe(y_true), ", the predictions ", describe(y_pred));
  const auto labels = y_true.detach().cpu().reshape({-1}).to(at::kDouble);
  auto scores = y_pred.detach().cpu().reshape({-1}).to(at::kDouble);
  auto is_one = labels.eq(1);
  TORCH_CHECK_VALUE(is_one.logical_or(labels.eq(0)).all().item<bool>(),
                    "a threshold needs labels of 0 and 1; some are others");
  TORCH_CHECK_VALUE(is_one.any().item<bool>(), "no row is labelled 1: nothing can be found");
  TORCH_CHECK_VALUE(!scores.isnan().any().item<bool>(), "some predictions are NaN");
  return {std::move(is_one), std::move(scores)};
}

}  // namespace

OperatingPoint point_at(const at::Tensor& y_true, const at::Tensor& y_pred, double threshold) {
  const auto [is_one, scores] = binary_rows(y_true, y_pred);
  const auto is_found = scores.ge(threshold);
  const auto found = is_found.sum().item<std::int64_t>();
  const auto right = static_cast<double>(is_found.logical_and(is_one).sum().item<std::int64_t>());
  return {.threshold = threshold,
          .recall = right / static_cast<double>(is_one.sum().item<std::int64_t>()),
          .precision = found > 0 ? right / static_cast<double>(found) : 0,
          .found = found};
}

OperatingPoint point_of_recall(const at::Tensor& y_true, const at::Tensor& y_pred, double recall) {
  TORCH_CHECK_VALUE(recall > 0 && recall <= 1, "recall is ", recall,
                    "; expected a number greater than 0, at most 1");
  const auto [is_one, scores] = binary_rows(y_true, y_pred);
  const auto wanted =
      std::get<0>(scores.masked_select(is_one).sort(/*dim=*/0, /*descending=*/true));
  const auto count = static_cast<double>(wanted.numel());
  // Rounding must not ask for a row more than 0.7 of 10.
  const auto needed = static_cast<std::int64_t>(std::ceil(recall * count - 1e-9));
  return point_at(y_true, y_pred, wanted[needed - 1].item<double>());
}

}  // namespace assay::training::report
