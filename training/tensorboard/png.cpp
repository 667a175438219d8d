// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/shapes.h>
#include <assay/training/tensorboard/little_endian.h>
#include <assay/training/tensorboard/png.h>
#include <c10/util/Exception.h>
#include <zlib.h>

#include <algorithm>
#include <cstdint>

namespace assay::training::tensorboard {
namespace {

std::string big_endian(std::uint32_t value) {
  auto bytes = little_endian(value);
  std::reverse(bytes.begin(), bytes.end());
  return bytes;
}

std::string chunk(const std::string& type, const std::string& data) {
  const auto checked = type + data;
  const auto crc = crc32_z(0, reinterpret_cast<const Bytef*>(checked.data()), checked.size());
  return big_endian(static_cast<std::uint32_t>(data.size())) + checked +
         big_endian(static_cast<std::uint32_t>(crc));
}

char color_type(std::int64_t channels) {
  if (channels == 1) return 0;
  return channels == 3 ? 2 : 6;
}

// Each row begins with the number of its filter; 0 is none.
std::string compressed_rows(const at::Tensor& pixels) {
  const auto rows = at::constant_pad_nd(pixels.flatten(1), {1, 0}).contiguous();
  const auto size = static_cast<uLong>(rows.numel());
  auto bytes = compressBound(size);
  std::string out(bytes, '\0');
  const auto result = compress(reinterpret_cast<Bytef*>(out.data()), &bytes,
                               rows.const_data_ptr<std::uint8_t>(), size);
  TORCH_CHECK(result == Z_OK, "TensorBoard: zlib cannot compress an image (error ", result, ")");
  out.resize(bytes);
  return out;
}

}  // namespace

std::string png(const at::Tensor& pixels) {
  constexpr std::int64_t kMost = std::int64_t{1} << 30;  // a chunk counts in 31 bits
  const auto channels = pixels.dim() == 3 ? pixels.size(2) : 0;
  TORCH_CHECK_VALUE(pixels.scalar_type() == at::kByte && pixels.numel() > 0 &&
                        pixels.numel() <= kMost &&
                        (channels == 1 || channels == 3 || channels == 4),
                    "png: pixels must be uint8 [height, width, channels] of 1 to 2^30 numbers with "
                    "1, 3 or 4 channels, got ",
                    describe(pixels));
  const std::string depth_and_color = {8, color_type(channels)};
  const std::string methods(3, '\0');  // of compression, filtering and interlacing: the only ones
  const auto header = big_endian(static_cast<std::uint32_t>(pixels.size(1))) +
                      big_endian(static_cast<std::uint32_t>(pixels.size(0))) + depth_and_color +
                      methods;
  return "\x89PNG\r\n\x1a\n" + chunk("IHDR", header) + chunk("IDAT", compressed_rows(pixels)) +
         chunk("IEND", "");
}

}  // namespace assay::training::tensorboard
