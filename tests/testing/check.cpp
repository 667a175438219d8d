// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/dtype.h>
#include <assay/core/shapes.h>
#include <assay/tests/testing/check.h>
#include <c10/util/Exception.h>

#include <cstring>
#include <sstream>

namespace assay::testing {
namespace {

using ::testing::AssertionFailure;
using ::testing::AssertionResult;
using ::testing::AssertionSuccess;

// Neighbouring numbers are neighbouring integers; -0 and 0 are one.
std::int64_t ordinal(float value) {
  std::int32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return bits >= 0 ? bits : -static_cast<std::int64_t>(bits & 0x7fffffff);
}

}  // namespace

std::string text(const at::Tensor& tensor) {
  if (!tensor.defined()) return "nothing";
  std::string result = describe(tensor);
  if (tensor.numel() > 64 || tensor.is_meta()) return result;
  std::ostringstream values;
  values.precision(17);
  const auto flat = tensor.detach().reshape(-1).to(at::kDouble);
  for (std::int64_t i = 0; i < flat.numel(); ++i) values << ' ' << flat[i].item<double>();
  return result + ":" + values.str();
}

AssertionResult near(const at::Tensor& actual, const at::Tensor& expected, double rtol,
                     double atol) {
  if (!actual.defined()) return AssertionFailure() << "the actual tensor is undefined";
  if (actual.sizes() != expected.sizes()) {
    return AssertionFailure() << "actual shape " << describe(actual.sizes()) << ", expected "
                              << describe(expected.sizes());
  }
  const auto a = actual.detach().to(at::kDouble);
  const auto e = expected.detach().to(at::kDouble);
  if (at::allclose(a, e, rtol, atol, /*equal_nan=*/true)) return AssertionSuccess();
  return AssertionFailure() << "actual " << text(actual) << "\nexpected " << text(expected)
                            << "\nlargest difference "
                            << (a - e).abs().nan_to_num(0).max().item<double>() << ", rtol " << rtol
                            << ", atol " << atol;
}

AssertionResult same_bits(const at::Tensor& actual, const at::Tensor& expected) {
  if (!actual.defined() || !expected.defined()) {
    return actual.defined() == expected.defined() ? AssertionSuccess()
                                                  : AssertionFailure() << "one is undefined";
  }
  if (actual.scalar_type() != expected.scalar_type() || actual.sizes() != expected.sizes()) {
    return AssertionFailure() << "actual " << describe(actual) << ", expected "
                              << describe(expected);
  }
  const auto a = actual.detach().contiguous();
  const auto e = expected.detach().contiguous();
  if (a.nbytes() == 0 || std::memcmp(a.const_data_ptr(), e.const_data_ptr(), a.nbytes()) == 0) {
    return AssertionSuccess();
  }
  return AssertionFailure() << "actual " << text(a) << "\nexpected " << text(e) << "\nbit for bit";
}

AssertionResult same_bits(const std::vector<at::Tensor>& actual,
                          const std::vector<at::Tensor>& expected) {
  if (actual.size() != expected.size()) {
    return AssertionFailure() << actual.size() << " tensors, expected " << expected.size();
  }
  for (std::size_t i = 0; i < actual.size(); ++i) {
    if (auto result = same_bits(actual[i], expected[i]); !result) {
      return result << " (tensor " << i << ")";
    }
  }
  return AssertionSuccess();
}

AssertionResult within_one_ulp(const at::Tensor& actual, const at::Tensor& expected) {
  if (actual.scalar_type() != at::kFloat || expected.scalar_type() != at::kFloat ||
      actual.sizes() != expected.sizes()) {
    return AssertionFailure() << "actual " << describe(actual) << ", expected "
                              << describe(expected) << ", both of float32";
  }
  const auto a = actual.detach().contiguous();
  const auto e = expected.detach().contiguous();
  for (std::int64_t i = 0; i < a.numel(); ++i) {
    const float x = a.const_data_ptr<float>()[i];
    const float y = e.const_data_ptr<float>()[i];
    const bool close = (std::isnan(x) && std::isnan(y)) || std::abs(ordinal(x) - ordinal(y)) <= 1;
    if (!close) {
      return AssertionFailure() << "actual " << text(a) << "\nexpected " << text(e)
                                << "\nwithin one unit in the last place";
    }
  }
  return AssertionSuccess();
}

std::vector<at::Tensor> copies(const std::vector<at::Tensor>& tensors) {
  std::vector<at::Tensor> made;
  for (const auto& tensor : tensors) {
    made.push_back(tensor.defined() ? tensor.detach().clone() : tensor);
  }
  return made;
}

std::string value_error(const std::function<void()>& call) {
  try {
    call();
  } catch (const c10::ValueError& error) {
    return error.what_without_backtrace();
  } catch (const std::exception& error) {
    ADD_FAILURE() << "expected a ValueError, got another error: " << error.what();
    return "";
  }
  ADD_FAILURE() << "expected a ValueError, nothing was thrown";
  return "";
}

at::Tensor not_contiguous(const at::Tensor& tensor) {
  if (!tensor.defined()) return tensor;
  // Every second entry of a buffer, and, where there are axes, those in reverse order in memory.
  std::vector<std::int64_t> order;
  for (auto axis = tensor.dim() - 1; axis >= 0; --axis) order.push_back(axis);
  auto reversed = tensor.permute(order);
  auto sizes = reversed.sizes().vec();
  sizes.push_back(2);
  auto view = at::zeros(sizes, tensor.options()).select(-1, 1);
  view.copy_(reversed);
  return view.permute(order);
}

}  // namespace assay::testing
