// SPDX-License-Identifier: Apache-2.0
// What focal losses share: the less a prediction misses, the less it costs.
#pragma once
#include <ATen/core/Tensor.h>
#include <assay/core/class_weight.h>
#include <assay/core/options/number_or_list.h>

#pragma GCC visibility push(hidden)
namespace assay {

/// The logarithms of class probabilities, as `log_probabilities`, with the digits that what is
/// missed, 1 - p, needs: from probabilities on the CPU in double.
at::Tensor focal_log(const at::Tensor& y_pred, bool from_logits, std::int64_t axis);

/// missed^gamma for missed in [0, 1], with finite derivatives at 0 for every gamma.
at::Tensor focal_factor(const at::Tensor& missed, double gamma);

/// -(1 - p)^gamma log(p) of each log(p). Source: https://arxiv.org/abs/1708.02002.
at::Tensor focal_cost(const at::Tensor& log_p, double gamma);

/// The factors of the classes as one tensor: alpha's, where it is a list, times `class_weight`'s.
/// Errors: ValueError for another number of classes.
std::optional<at::Tensor> focal_class_weight(const NumberOrList& alpha,
                                             const ClassWeight& class_weight, std::int64_t classes,
                                             const at::Tensor& like);

}  // namespace assay
#pragma GCC visibility pop
