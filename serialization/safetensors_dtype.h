// SPDX-License-Identifier: Apache-2.0
// The types of elements in safetensors files.
#pragma once
#include <c10/core/ScalarType.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#pragma GCC visibility push(hidden)
namespace assay::serialization {

/// A type of element that both LibTorch and safetensors have.
struct SafetensorsDtype {
  std::string_view name;        ///< "F32", "BF16" ...
  c10::ScalarType scalar_type;  ///< LibTorch's.

  /// Numbers in one element: F4 has two in a byte, its shapes count them, LibTorch's count bytes.
  std::int64_t numbers = 1;

  /// Bytes of one element.
  std::size_t size() const { return c10::elementSize(scalar_type); }

  /// Place in the safetensors package's order: in falling order, each tensor is aligned where the
  /// one before it ends.
  std::size_t rank() const;
};

///@{
/// The type that one of the two calls so; nothing where the other lacks it.
std::optional<SafetensorsDtype> find_dtype(std::string_view name);
std::optional<SafetensorsDtype> find_dtype(c10::ScalarType scalar_type);
///@}

/// All supported names, for error messages.
std::string supported_dtypes();

}  // namespace assay::serialization
#pragma GCC visibility pop
