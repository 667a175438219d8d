// SPDX-License-Identifier: Apache-2.0
// What the losses of one class among several share: targets that are smoothed and weighed, given
// as distributions or as labels.
#pragma once
#include <ATen/core/Tensor.h>
#include <assay/core/labels.h>

#include <functional>
#include <optional>

#pragma GCC visibility push(hidden)
namespace assay {

/// A distribution t over the classes on `axis` as w (t (1 - a) + a / classes), with a the label
/// smoothing and w the class weights.
at::Tensor class_target(const at::Tensor& y_true, const at::Tensor& y_pred, std::int64_t axis,
                        double label_smoothing, const std::optional<at::Tensor>& class_weight);

/// Of each row the sum of `class_target` times cost(log_p), where the label is the whole target; 0
/// for ignored rows. `cost` is a function of each log-probability by itself.
at::Tensor label_costs(const SparseRows& rows, const at::Tensor& log_p, std::int64_t axis,
                       double label_smoothing, const std::optional<at::Tensor>& class_weight,
                       const std::function<at::Tensor(const at::Tensor&)>& cost);

}  // namespace assay
#pragma GCC visibility pop
