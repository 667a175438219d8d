// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace assay::tools {

/// Has the heap keep what a step of training frees, for the next step. By default glibc gives large
/// tensors back to the system, whose fresh pages then cost a fault each. A setting of the whole
/// process: for a program, not for a library.
void keep_freed_memory();

}  // namespace assay::tools
