// SPDX-License-Identifier: Apache-2.0
#include <assay/distributed/named_bytes.h>
#include <assay/tests/testing/check.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

namespace assay::distributed {
namespace {

using assay::testing::not_contiguous;
using assay::testing::same_bits;

NamedTensors samples() {
  NamedTensors tensors;
  for (const auto type : {torch::kDouble, torch::kFloat, torch::kHalf, torch::kBFloat16,
                          torch::kLong, torch::kInt, torch::kByte, torch::kBool}) {
    tensors.emplace_back(std::string("type ") + c10::toString(type),
                         torch::tensor({0, 1, 2, 250}).to(type).view({2, 2}));
  }
  tensors.emplace_back("", torch::tensor(std::nan("")));
  tensors.emplace_back(std::string("a\0b\n\xc3\xa9", 6), torch::empty({3, 0, 2}));
  tensors.emplace_back("transposed", not_contiguous(torch::arange(6.0).view({2, 3})));
  return tensors;
}

TEST(NamedBytes, ComeBackBitForBit) {
  const auto tensors = samples();
  const auto again = from_bytes(to_bytes(tensors));
  ASSERT_EQ(again.size(), tensors.size());
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    EXPECT_EQ(again[i].first, tensors[i].first);
    EXPECT_TRUE(same_bits(again[i].second, tensors[i].second)) << tensors[i].first;
  }
  EXPECT_TRUE(from_bytes(to_bytes({})).empty());
}

TEST(NamedBytes, RefusesEveryMessageThatIsCutShort) {
  const auto bytes = to_bytes(samples());
  for (std::int64_t size = 0; size < bytes.numel(); ++size) {
    EXPECT_THROW(from_bytes(bytes.narrow(0, 0, size)), c10::Error) << size;
  }
  EXPECT_THROW(from_bytes(torch::cat({bytes, torch::zeros({1}, torch::kByte)})), c10::Error);
}

TEST(NamedBytes, RefusesNumbersThatCannotBe) {
  const auto bytes = to_bytes({{"name", torch::ones({2, 3})}});
  for (std::int64_t i = 0; i < bytes.numel() - 24; ++i) {
    if (i >= 16 && i < 20) continue;  // the name
    auto damaged = bytes.clone();
    damaged[i] = 0xff;
    if (i % 8 == 0 || i < 16) {
      EXPECT_ANY_THROW(from_bytes(damaged)) << i;
    }
  }
}

}  // namespace
}  // namespace assay::distributed
