// SPDX-License-Identifier: Apache-2.0
// The sums of mean-style metrics: operators that add to a state, with CPU kernels.
#pragma once
#include <ATen/core/Tensor.h>

#pragma GCC visibility push(hidden)
namespace assay {

/// Adds sum(w v) to `total` and sum(w) to `count`, float64 scalars, by the rule of mean-style
/// metrics: a weight of lower rank aligns with the leading axes, one of the same rank broadcasts,
/// and both w v and w are averaged over everything but the first axis. A scalar weight counts once.
/// Masked values leave both. Weight and mask may be undefined.
/// Errors: ValueError where the weight does not fit; nothing is then changed. Source: keras.metrics
/// (reduce_to_samplewise_values).
void add_samplewise_sums(at::Tensor& total, at::Tensor& count, const at::Tensor& values,
                         const at::Tensor& sample_weight, const at::Tensor& mask = {});

/// Adds sum(w v) over every value to `total`, weights aligned as in `add_samplewise_sums`.
void add_weighted_sum(at::Tensor& total, const at::Tensor& values, const at::Tensor& sample_weight);

}  // namespace assay
#pragma GCC visibility pop
