// SPDX-License-Identifier: Apache-2.0
#include <assay/serialization/checksum.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace assay::serialization {
namespace {

std::string checksum_of(std::string_view text) {
  const std::array<Bytes, 1> pieces{bytes_of(text)};
  return checksum(pieces);
}

// The expected digits come from the xxhash package for Python: xxhash.xxh3_128_hexdigest.
TEST(Checksum, IsXxh3Of128Bits) {
  EXPECT_EQ(checksum_of(""), "99aa06d3014798d86001c324468d497f");
  EXPECT_EQ(checksum_of("a"), "a96faf705af16834e6c632b61e964e1f");
  EXPECT_EQ(checksum_of("assay"), "010c11733b2f38a3487b764007d67761");
  EXPECT_EQ(checksum_of(std::string(1000, 'x')), "50a1af5a5f2dcf01c0a4877b962cba82");
}

TEST(Checksum, DoesNotDependOnHowTheContentIsCutIntoPieces) {
  std::string text;
  for (int i = 0; i < 5000; ++i) {
    text += static_cast<char>(i * 31 % 251);
  }
  const std::string whole = checksum_of(text);
  for (const std::size_t cut : {0, 1, 16, 17, 239, 240, 241, 1024, 4999, 5000}) {
    const std::string_view view(text);
    const std::vector<Bytes> pieces{bytes_of(view.substr(0, cut)), {}, bytes_of(view.substr(cut))};
    EXPECT_EQ(checksum(pieces), whole) << "cut at " << cut;
  }
}

TEST(Checksum, OfNoPiecesIsThatOfNoBytes) { EXPECT_EQ(checksum({}), checksum_of("")); }

}  // namespace
}  // namespace assay::serialization
