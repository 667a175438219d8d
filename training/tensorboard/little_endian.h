// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <string>

#pragma GCC visibility push(hidden)
namespace assay::training::tensorboard {

/// The bytes of a whole number, the lowest first, whatever the machine's order.
template <class Unsigned>
std::string little_endian(Unsigned value) {
  std::string bytes;
  for (std::size_t i = 0; i < sizeof(value); ++i) {
    bytes += static_cast<char>(value >> (8 * i) & 0xFF);
  }
  return bytes;
}

}  // namespace assay::training::tensorboard
#pragma GCC visibility pop
