// SPDX-License-Identifier: Apache-2.0
// Numbers as a documentation page prints them.
#pragma once
#include <ATen/core/Tensor.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace assay::testing {

/// A float32 as NumPy prints it, in the fewest digits that name it: "1.1769392", "2.3841855e-07".
std::string shortest(const at::Tensor& tensor);

/// Each entry as NumPy prints it.
std::vector<std::string> each_shortest(const at::Tensor& tensor);

/// Whether the number, rounded to the digits after the point that `page` has, is what `page` says.
::testing::AssertionResult rounds_to(const at::Tensor& tensor, const std::string& page);

/// The same, with the further digits cut off and not rounded, as some comments do.
::testing::AssertionResult is_cut_to(const at::Tensor& tensor, const std::string& page);

}  // namespace assay::testing
