// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/shapes.h>
#include <assay/training/data/byte_order.h>
#include <assay/training/data/byte_stream.h>
#include <assay/training/data/idx.h>
#include <c10/util/Exception.h>

#include <array>
#include <bit>
#include <optional>
#include <vector>

namespace assay::training {
namespace {

std::optional<at::ScalarType> dtype_of(unsigned char code) {
  switch (code) {
    case 0x08:
      return at::kByte;
    case 0x09:
      return at::kChar;
    case 0x0B:
      return at::kShort;
    case 0x0C:
      return at::kInt;
    case 0x0D:
      return at::kFloat;
    case 0x0E:
      return at::kDouble;
    default:
      return std::nullopt;
  }
}

// Fills the bytes. Errors: where the file ends before.
void read_all(ByteStream& stream, std::span<char> bytes, const char* what) {
  TORCH_CHECK_VALUE(stream.read(bytes) == bytes.size(), stream.path().string(),
                    ": is truncated: it ends in its ", what);
}

std::vector<std::int64_t> read_shape(ByteStream& stream, std::size_t axes) {
  std::vector<std::int64_t> shape;
  for (std::size_t i = 0; i < axes; ++i) {
    std::array<char, 4> bytes;
    read_all(stream, bytes, "header");
    std::int64_t size = 0;
    for (const char byte : bytes) size = size << 8 | static_cast<unsigned char>(byte);
    shape.push_back(size);
  }
  return shape;
}

// Reads elements in pieces, so that a wrong shape in a damaged file takes no memory.
std::vector<char> read_elements(ByteStream& stream, at::IntArrayRef shape, std::size_t size) {
  constexpr std::uint64_t kPiece = std::uint64_t{1} << 24;
  __extension__ using Wide = unsigned __int128;
  Wide left = size;
  for (const auto length : shape) {
    left *= static_cast<std::uint64_t>(length);
    TORCH_CHECK_VALUE(left >> 62 == 0, stream.path().string(), ": is damaged: its shape is ",
                      describe(shape));
  }
  std::vector<char> bytes;
  while (left > 0) {
    const auto piece = std::min<std::uint64_t>(static_cast<std::uint64_t>(left), kPiece);
    bytes.resize(bytes.size() + piece);
    read_all(stream, std::span(bytes).last(piece), "elements");
    left -= piece;
  }
  return bytes;
}

}  // namespace

at::Tensor read_idx(const std::filesystem::path& path) {
  ByteStream stream(path);
  std::array<char, 4> magic = {};
  const bool complete = stream.read(magic) == magic.size();
  const auto dtype = dtype_of(static_cast<unsigned char>(magic[2]));
  TORCH_CHECK_VALUE(complete && magic[0] == 0 && magic[1] == 0 && dtype, path.string(),
                    ": is no IDX file; expected one that begins with 0, 0 and the code of a type");
  const auto shape = read_shape(stream, static_cast<unsigned char>(magic[3]));
  const auto size = c10::elementSize(*dtype);
  const auto bytes = read_elements(stream, shape, size);
  char more = 0;
  TORCH_CHECK_VALUE(stream.read({&more, 1}) == 0, path.string(),
                    ": is damaged: it goes on behind its elements of shape ", describe(shape));

  auto tensor = at::empty(shape, *dtype);
  auto* to = static_cast<char*>(tensor.mutable_data_ptr());
  if (size == 1 || std::endian::native == std::endian::big) {
    std::ranges::copy(bytes, to);
  } else {
    copy_reversed(bytes.data(), to, bytes.size() / size, size);
  }
  return tensor;
}

}  // namespace assay::training
