// SPDX-License-Identifier: Apache-2.0
// Named tensors as bytes, for one message.
#pragma once
#include <assay/metrics/named_tensors.h>

#include <cstdint>

namespace assay::distributed {

using metrics::NamedTensors;

/// The tensors' names, types, shapes and values as bytes (uint8, [n]) on the CPU.
at::Tensor to_bytes(const NamedTensors& tensors);

/// The inverse; the tensors are copies. Errors: c10::Error for bytes that `to_bytes` did not make.
NamedTensors from_bytes(const at::Tensor& bytes);

}  // namespace assay::distributed
