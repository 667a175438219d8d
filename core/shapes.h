// SPDX-License-Identifier: Apache-2.0
// Which shapes fit together: labels with predictions, weights and masks with values.
#pragma once
#include <ATen/core/Tensor.h>
#include <assay/core/options/number_or_list.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace assay {

/// "float32 [2, 3]", for messages.
std::string describe(const at::Tensor& tensor);

/// "[2, 3]", for messages.
std::string describe(at::IntArrayRef shape);

/// Gives two tensors whose ranks differ by one the same rank: a trailing 1 is squeezed away, or,
/// where the other has rank 1, the other gets one. Anything else stays as it is.
/// Source: keras.losses (`squeeze_or_expand_to_same_rank`).
std::pair<at::Tensor, at::Tensor> align_ranks(const at::Tensor& a, const at::Tensor& b);

/// `align_ranks` for labels and predictions, which must then have one shape.
/// Errors: ValueError that names y_true and y_pred with their shapes.
std::pair<at::Tensor, at::Tensor> align_same_shape(const at::Tensor& y_true,
                                                   const at::Tensor& y_pred);

/// Errors: ValueError that names y_true and y_pred, where their shapes differ.
void check_same_shape(const at::Tensor& y_true, const at::Tensor& y_pred);

/// The tensor with `axes` (nothing: all) flattened into one last axis: [the others..., elements].
/// Errors: ValueError where the tensor lacks an axis, or one is named twice.
at::Tensor flatten_axes_last(const at::Tensor& tensor, const IntegerOrList& axes);

/// The weight in the values' dtype, viewed so that it broadcasts to them:
///   1. a weight whose shape equals the values' leading axes aligns with those;
///   2. otherwise a trailing 1 by which the ranks differ is squeezed or added;
///   3. then ordinary broadcasting.
/// Errors: ValueError where the weight does not broadcast to the values, or is on another device.
at::Tensor align_sample_weight(const at::Tensor& sample_weight, const at::Tensor& values);

/// The mask as bool, aligned as a weight is.
at::Tensor align_mask(const at::Tensor& mask, const at::Tensor& values);

}  // namespace assay
