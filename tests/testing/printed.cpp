// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/tests/testing/printed.h>

#include <charconv>
#include <cmath>

namespace assay::testing {
namespace {

std::string with_decimals(double value, int decimals) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  return text.data();
}

int decimals_of(const std::string& page) {
  const auto point = page.find('.');
  return point == std::string::npos ? 0 : static_cast<int>(page.size() - point - 1);
}

::testing::AssertionResult is(const std::string& text, const std::string& page, double value) {
  if (text == page) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure()
         << value << " prints as " << text << ", the page says " << page;
}

}  // namespace

std::string shortest(const at::Tensor& tensor) {
  EXPECT_EQ(tensor.scalar_type(), at::kFloat);
  std::array<char, 64> text{};
  const auto end = std::to_chars(text.begin(), text.end(), tensor.item<float>()).ptr;
  return {text.begin(), end};
}

std::vector<std::string> each_shortest(const at::Tensor& tensor) {
  std::vector<std::string> all;
  const auto flat = tensor.reshape(-1);
  for (std::int64_t i = 0; i < flat.numel(); ++i) all.push_back(shortest(flat[i]));
  return all;
}

::testing::AssertionResult rounds_to(const at::Tensor& tensor, const std::string& page) {
  const double value = tensor.item<double>();
  return is(with_decimals(value, decimals_of(page)), page, value);
}

::testing::AssertionResult is_cut_to(const at::Tensor& tensor, const std::string& page) {
  const double value = tensor.item<double>();
  const double unit = std::pow(10.0, decimals_of(page));
  return is(with_decimals(std::trunc(value * unit) / unit, decimals_of(page)), page, value);
}

}  // namespace assay::testing
