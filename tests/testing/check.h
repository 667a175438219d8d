// SPDX-License-Identifier: Apache-2.0
// How tests compare: numbers, tensors bit for bit, errors by their message.
#pragma once
#include <ATen/core/Tensor.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace assay::testing {

/// `abs(actual - expected) <= atol + rtol * abs(expected)` for every entry, and the same shape. NaN
/// is near NaN, infinity near the same infinity.
::testing::AssertionResult near(const at::Tensor& actual, const at::Tensor& expected,
                                double rtol = 1e-5, double atol = 1e-8);

/// The same dtype, shape and bits.
::testing::AssertionResult same_bits(const at::Tensor& actual, const at::Tensor& expected);
::testing::AssertionResult same_bits(const std::vector<at::Tensor>& actual,
                                     const std::vector<at::Tensor>& expected);

/// float32 tensors whose entries are equal or neighbours.
::testing::AssertionResult within_one_ulp(const at::Tensor& actual, const at::Tensor& expected);

/// Copies, to compare with later.
std::vector<at::Tensor> copies(const std::vector<at::Tensor>& tensors);

/// The message of the ValueError that the call throws, without the stack. Fails the test, and
/// returns "", where it throws nothing or something else.
std::string value_error(const std::function<void()>& call);

/// A small tensor with its values, or its type and shape.
std::string text(const at::Tensor& tensor);

/// A copy whose memory is not contiguous (a tensor of rank 0 becomes a view into a larger one).
at::Tensor not_contiguous(const at::Tensor& tensor);

/// Runs a case's checks under its name, so that a failure says which one.
#define ASSAY_TRACE(description) SCOPED_TRACE(::testing::Message() << description)

}  // namespace assay::testing
