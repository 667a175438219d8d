// SPDX-License-Identifier: Apache-2.0
// Losses and metrics with their state, in a file of their own.
#pragma once
#include <assay/training/logs.h>
#include <assay/training/scores.h>

#include <filesystem>

namespace assay::training {

/// Writes configurations and states to a safetensors file, atomically.
/// Errors: c10::Error where it cannot be written.
void save_scores(const std::filesystem::path& path, const Scores& scores);

/// Makes losses and metrics of such a file, gives them their states, and returns their values:
/// those that were there when it was saved. Errors: ValueError that names the file, for one that is
/// damaged or no such file.
Logs restored_scores(const std::filesystem::path& path);

}  // namespace assay::training
