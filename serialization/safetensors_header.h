// SPDX-License-Identifier: Apache-2.0
// The JSON header of a safetensors file, text both ways.
#pragma once
#include <assay/serialization/safetensors.h>
#include <assay/serialization/safetensors_dtype.h>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#pragma GCC visibility push(hidden)
namespace assay::serialization {

/// What is wrong with a file's content, or with what shall become one: the caller adds the path.
struct FormatError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Longest header that the safetensors format allows, in bytes.
inline constexpr std::size_t kLongestHeader = 100'000'000;

/// Most dimensions that LibTorch's operators work with.
inline constexpr std::size_t kMostDimensions = 64;

inline constexpr std::string_view kMetadataName = "__metadata__";
inline constexpr std::string_view kChecksumKey = "assay_checksum";
inline constexpr std::string_view kFormatVersionKey = "assay_format_version";

/// Every header that assay writes begins so; the checksum's digits follow.
inline constexpr std::string_view kChecksumPrefix =
    R"({"__metadata__":{"assay_checksum":"xxh3-128:)";

struct TensorEntry {
  std::string name;
  SafetensorsDtype dtype;
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0;  // offsets into the data, which follows the header
  std::uint64_t end = 0;
};

struct SafetensorsHeader {
  SafetensorsMetadata metadata;      // with assay's own keys when read, without when written
  std::vector<TensorEntry> entries;  // in the order of their data
};

/// Bytes that a tensor of this dtype and shape takes. Throws FormatError, naming the tensor, where
/// that overflows or there are more than 64 dimensions.
std::uint64_t byte_count(const std::string& name, SafetensorsDtype dtype,
                         const std::vector<std::int64_t>& shape);

/// Reads and checks the header of a file with `data_size` bytes of data. Throws FormatError.
SafetensorsHeader read_header(std::string_view text, std::uint64_t data_size);

/// The header's text, padded to a multiple of 8 bytes: format version, a checksum of zeros (see
/// kChecksumPrefix), the metadata, the tensors. Throws FormatError.
std::string write_header(const SafetensorsHeader& header);

/// A name out of a file for an error message: quoted, and shortened where it is very long.
std::string in_quotes(std::string_view name);

}  // namespace assay::serialization
#pragma GCC visibility pop
