// SPDX-License-Identifier: Apache-2.0
#include <assay/serialization/safetensors_header.h>

#include <cstdint>
#include <limits>

namespace assay::serialization {
namespace {

bool is_inside_a_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

}  // namespace

std::string in_quotes(std::string_view name) {
  constexpr std::size_t kLongest = 100;
  if (name.size() <= kLongest) {
    return "'" + std::string(name) + "'";
  }
  std::size_t length = kLongest;
  while (length > 0 && is_inside_a_character(name[length])) {
    --length;
  }
  return "'" + std::string(name.substr(0, length)) + "...'";
}

std::uint64_t byte_count(const std::string& name, SafetensorsDtype dtype,
                         const std::vector<std::int64_t>& shape) {
  if (shape.size() > kMostDimensions) {
    throw FormatError("tensor " + in_quotes(name) + " has more than " +
                      std::to_string(kMostDimensions) + " dimensions");
  }
  std::int64_t bytes = static_cast<std::int64_t>(dtype.size());
  bool is_empty = false;
  for (const std::int64_t size : shape) {
    // LibTorch counts a size of 0 as 1 in the strides of an empty tensor: those must fit too.
    const std::int64_t factor = size == 0 ? 1 : size;
    is_empty = is_empty || size == 0;
    if (bytes > std::numeric_limits<std::int64_t>::max() / factor) {
      throw FormatError("the shape of tensor " + in_quotes(name) + " overflows");
    }
    bytes *= factor;
  }
  return is_empty ? 0 : static_cast<std::uint64_t>(bytes);
}

}  // namespace assay::serialization
