// SPDX-License-Identifier: Apache-2.0
// The memory of the last large gradient, which is kept for the next one.
#pragma once

namespace assay {

/// Frees the memory of a large gradient that is kept for the next one: at most 256 MiB.
void release_kept_output();

}  // namespace assay
