// SPDX-License-Identifier: Apache-2.0
#include <assay/serialization/checksum.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace assay::serialization {

std::string checksum(std::span<const Bytes> pieces) {
  XXH3_state_t state;
  XXH3_128bits_reset(&state);
  for (const Bytes piece : pieces) {
    XXH3_128bits_update(&state, piece.data(), piece.size());
  }
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&state));

  constexpr char kDigits[] = "0123456789abcdef";
  static_assert(sizeof(canonical.digest) * 2 == kChecksumLength);
  std::string text;
  text.reserve(kChecksumLength);
  for (const unsigned char byte : canonical.digest) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace assay::serialization
