// SPDX-License-Identifier: Apache-2.0
// Memory as bytes.
#pragma once
#include <cstddef>
#include <span>
#include <string_view>

namespace assay::serialization {

/// Memory that somebody else owns, read as bytes.
using Bytes = std::span<const std::byte>;

/// A text's memory.
inline Bytes bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

}  // namespace assay::serialization
