// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#pragma GCC visibility push(hidden)
namespace assay {

/// x w^T + bias of matrices [m, k] and [n, k] of one floating type on the CPU, without derivatives;
/// bias is [n], or undefined. In float32 it is oneDNN's product, where LibTorch has that:
/// LibTorch's own goes to MKL, which leaves half the width of processors unused that are not
/// Intel's.
at::Tensor matmul_transposed(const at::Tensor& x, const at::Tensor& w, const at::Tensor& bias = {});

}  // namespace assay
#pragma GCC visibility pop
