// SPDX-License-Identifier: Apache-2.0
// The CPU kernel of weighted sums on tensors.
#pragma once
#include <ATen/core/Tensor.h>
#include <assay/core/kernels/cpu/weighted_sums.h>

#pragma GCC visibility push(hidden)
namespace assay {

/// sum(w v), sum(w) and the number of values, in float64, over the values that the mask keeps.
/// Weight and mask broadcast to the values; undefined: all 1, all kept. The sums do not depend on
/// the number of threads.
kernels::cpu::WeightedSums weighted_sums_cpu(const at::Tensor& values, const at::Tensor& weight,
                                             const at::Tensor& mask);

}  // namespace assay
#pragma GCC visibility pop
