// SPDX-License-Identifier: Apache-2.0
// The shape that most losses share: a function of one label and one prediction, averaged over the
// last axis.
#pragma once
#include <assay/core/fused_operator.h>
#include <assay/core/shapes.h>

namespace assay {

/// The mean over the last axis; a scalar is its own mean, and nothing has the mean 0.
at::Tensor mean_over_last_axis(const at::Tensor& elements);

/// A view with `axis` moved to the end; a scalar stays as it is.
/// Errors: ValueError where the tensor lacks the axis.
at::Tensor axis_last(const at::Tensor& tensor, std::int64_t axis);

}  // namespace assay
