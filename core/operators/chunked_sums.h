// SPDX-License-Identifier: Apache-2.0
// Sums that do not depend on the number of threads.
#pragma once
#include <assay/core/parallel_for.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#pragma GCC visibility push(hidden)
namespace assay {

/// What add(begin, end, sums) adds to `size` sums for ranges that together are [0, number). Chunks
/// of a fixed size have sums of their own, which are added in order.
template <class Sum, class Add>
std::vector<Sum> chunked_sums(std::int64_t size, std::int64_t number, std::int64_t chunk,
                              const Add& add) {
  const auto chunks = std::max<std::int64_t>(1, (number + chunk - 1) / chunk);
  std::vector<Sum> sums(static_cast<std::size_t>(chunks * size));
  parallel_for(0, chunks, 1, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = begin; i < end; ++i) {
      add(i * chunk, std::min((i + 1) * chunk, number), sums.data() + i * size);
    }
  });
  for (std::int64_t i = size; i < chunks * size; ++i) sums[i % size] += sums[i];
  sums.resize(static_cast<std::size_t>(size));
  return sums;
}

/// A chunk for sums to which elements are added one by one: their number outweighs that of the
/// sums.
inline std::int64_t chunk_for(std::int64_t sums) { return std::max<std::int64_t>(65536, 4 * sums); }

}  // namespace assay
#pragma GCC visibility pop
