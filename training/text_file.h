// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>

namespace assay::training {

/// Writes a text file, whole or not at all. Errors: c10::Error where it cannot be written.
void write_text(const std::filesystem::path& path, const std::string& text);

}  // namespace assay::training
