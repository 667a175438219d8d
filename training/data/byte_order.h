// SPDX-License-Identifier: Apache-2.0
// Elements in the other byte order.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstring>

#pragma GCC visibility push(hidden)
namespace assay::training {

/// Copies `count` elements of `size` bytes each, turning the bytes of each around.
inline void copy_reversed(const char* from, char* to, std::size_t count, std::size_t size) {
  for (std::size_t i = 0; i < count; ++i, from += size, to += size) {
    std::reverse_copy(from, from + size, to);
  }
}

}  // namespace assay::training
#pragma GCC visibility pop
