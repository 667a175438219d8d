// SPDX-License-Identifier: Apache-2.0
// A device that is not the CPU, for tests on machines that have no other.
//
// Its tensors have a device type of their own (PrivateUse1), so the code under test takes the way
// that it takes on a GPU; its operators are the CPU's, on memory of its own. Operators for which
// the host of a real accelerator would wait are written down: those that read a number, those whose
// result's shape depends on the data, copies to the host, and copies from the host that block.
#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

namespace assay::testing {

at::Device accelerator();

/// The tensor on that device; nothing stays nothing.
at::Tensor on_accelerator(const at::Tensor& tensor);

/// The operators, since this object was made, for which the host would have waited.
class HostWaits {
 public:
  HostWaits();
  std::vector<std::string> seen() const;
};

}  // namespace assay::testing
