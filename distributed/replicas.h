// SPDX-License-Identifier: Apache-2.0
// Models that every process has a copy of.
#pragma once
#include <assay/distributed/group.h>
#include <assay/distributed/named_bytes.h>

namespace assay::distributed {

/// Checks that all processes have the same tensors, to the last bit; one collective.
/// Errors: ValueError, on every process, that names the tensor and the rank where it differs from
/// rank 0's; those of `Group`.
void check_equal(const NamedTensors& tensors, Group& group, const std::string& what);

}  // namespace assay::distributed
