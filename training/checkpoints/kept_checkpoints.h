// SPDX-License-Identifier: Apache-2.0
// Earlier checkpoints beside the last.
#pragma once
#include <cstdint>
#include <filesystem>

namespace assay::training {

/// Keeps checkpoint.safetensors as it is now also under checkpoint-<number>.safetensors, and
/// removes all but the `max_to_keep` highest numbers. No bytes are copied where the file system has
/// hard links. The checkpoint itself is not touched.
void keep_checkpoint(const std::filesystem::path& checkpoint, std::int64_t number,
                     std::int64_t max_to_keep);

/// Removes all that `keep_checkpoint` kept.
void remove_kept_checkpoints(const std::filesystem::path& checkpoint);

}  // namespace assay::training
