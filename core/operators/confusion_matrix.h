// SPDX-License-Identifier: Apache-2.0
// How often each class was predicted as each: an operator that adds to a state, with a CPU kernel.
#pragma once
#include <ATen/core/Tensor.h>
#include <assay/core/no_class.h>

#include <cstdint>
#include <optional>

#pragma GCC visibility push(hidden)
namespace assay {

/// Adds the weight of each pair of class ids to `matrix`, float64 [classes, classes], a row a label
/// and a column a prediction; where the prediction is kNoClass, to `missed`, float64 [classes], at
/// the label. Pairs with another id out of range leave both, as labels of `ignore_class` do.
///
/// Ids are int64 of one shape; the weight broadcasts to them, undefined: all 1. The sums do not
/// depend on the number of threads.
void add_class_pairs(at::Tensor& matrix, at::Tensor& missed, const at::Tensor& y_true,
                     const at::Tensor& y_pred, const at::Tensor& weight,
                     std::optional<std::int64_t> ignore_class);

/// The same for two classes: labels 0 and 1, others leave both; and scores of their shape, of which
/// a score of at least the threshold, in the score's own precision, predicts 1, a NaN kNoClass.
/// Errors: ValueError for labels that are no integers (on the CPU).
void add_binary_pairs(at::Tensor& matrix, at::Tensor& missed, const at::Tensor& y_true,
                      const at::Tensor& y_pred, const at::Tensor& weight, double threshold);

}  // namespace assay
#pragma GCC visibility pop
