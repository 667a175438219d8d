// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#pragma GCC visibility push(hidden)
namespace assay::training::layers {

/// The arguments of at::max_pool2d, height before width.
struct MaxPoolWindow {
  std::vector<std::int64_t> kernel_size;  ///< Of the window.
  std::vector<std::int64_t> stride;       ///< From one window to the next.
  std::vector<std::int64_t> padding;      ///< On each side, of what is less than every number.
  std::vector<std::int64_t> dilation;     ///< From one element of a window to the next.
  bool ceil_mode = false;                 ///< Whether windows may stand out at the end.
};

/// at::max_pool2d, to the last bit, of a contiguous CPU tensor of float32 or float64 and several
/// channels: LibTorch's kernel compares vectors of channels where these lie side by side, and one
/// number at a time where they do not, which takes longer than the copies.
at::Tensor max_pool_by_channels(const at::Tensor& x, const MaxPoolWindow& window);

}  // namespace assay::training::layers
#pragma GCC visibility pop
