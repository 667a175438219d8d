// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#pragma GCC visibility push(hidden)
namespace assay {

/// The tensor on a device. What comes from the CPU is copied without waiting for the device; what
/// goes there is there on return.
inline at::Tensor on_device(const at::Tensor& tensor, const at::Device& device) {
  return tensor.to(tensor.options().device(device), /*non_blocking=*/tensor.is_cpu());
}

}  // namespace assay
#pragma GCC visibility pop
