// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/class_targets.h>
#include <assay/core/class_weight.h>
#include <assay/core/operators/elementwise.h>

namespace assay {

at::Tensor class_target(const at::Tensor& y_true, const at::Tensor& y_pred, std::int64_t axis,
                        double label_smoothing, const std::optional<at::Tensor>& class_weight) {
  auto target = as_numbers(y_true, y_pred);
  if (label_smoothing != 0) {
    target =
        target * (1 - label_smoothing) + label_smoothing / static_cast<double>(y_pred.size(axis));
  }
  return class_weight ? target * along_axis(*class_weight, axis, target.dim()) : target;
}

at::Tensor label_costs(const SparseRows& rows, const at::Tensor& log_p, std::int64_t axis,
                       double label_smoothing, const std::optional<at::Tensor>& class_weight,
                       const std::function<at::Tensor(const at::Tensor&)>& cost) {
  auto values = cost(log_p.gather(axis, rows.labels.unsqueeze(axis)).squeeze(axis));
  if (class_weight) values = values * class_weight->take(rows.labels);
  if (label_smoothing != 0) {
    auto all = cost(log_p);
    if (class_weight) all = all * along_axis(*class_weight, axis, log_p.dim());
    values = values * (1 - label_smoothing) + all.mean(axis) * label_smoothing;
  }
  return rows.without_ignored(values);
}

}  // namespace assay
