// SPDX-License-Identifier: Apache-2.0
// The IDX format of the MNIST files.
#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>

namespace assay::training {

/// The array of an IDX file, gzipped or not: uint8, int8, int16, int32, float32 or float64.
/// Errors: ValueError that names the file, for one that cannot be read, is damaged, truncated or
/// too long, or is no IDX file.
at::Tensor read_idx(const std::filesystem::path& path);

}  // namespace assay::training
