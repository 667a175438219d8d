// SPDX-License-Identifier: Apache-2.0
// A checksum for the content of files.
#pragma once
#include <assay/serialization/bytes.h>

#include <cstddef>
#include <span>
#include <string>

namespace assay::serialization {

/// Length of the text that `checksum` returns.
inline constexpr std::size_t kChecksumLength = 32;

/// XXH3 (128 bits, seed 0) of the pieces laid end to end, as 32 lowercase hexadecimal digits, the
/// most significant first: what `xxhsum -H2` prints. It finds accidents, not forgeries.
std::string checksum(std::span<const Bytes> pieces);

}  // namespace assay::serialization
