// SPDX-License-Identifier: Apache-2.0
// What stands before the elements of a .npy file.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#pragma GCC visibility push(hidden)
namespace assay::training {

/// What a .npy file says of its array.
struct NpyHeader {
  std::string dtype;                ///< NumPy's description: "<f4"
  bool fortran_order = false;       ///< the first axis lies closest together, else the last
  std::vector<std::int64_t> shape;  ///< empty: one element
  std::size_t size = 0;             ///< bytes up to the first element
};

/// Errors: ValueError that begins with `source`, for bytes that do not begin as a .npy file does.
NpyHeader read_npy_header(std::span<const char> bytes, const std::string& source);

}  // namespace assay::training
#pragma GCC visibility pop
