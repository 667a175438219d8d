// SPDX-License-Identifier: Apache-2.0
// Why not at::parallel_for: it is a template that starts threads only where its caller is compiled
// with OpenMP, and then on the runtime of that caller's compiler. Linked beside LibTorch's own that
// makes two pools of threads. assay is compiled without OpenMP.
#pragma once
#include <c10/util/FunctionRef.h>

#include <algorithm>
#include <cstdint>

namespace assay {

/// Calls work(first, last) for ranges that together are [begin, end), on LibTorch's threads
/// (`at::set_num_threads`), each of at least `grain` indices where there are that many. Serial
/// within another parallel region. The first exception of a range is thrown again here.
void parallel_for(std::int64_t begin, std::int64_t end, std::int64_t grain,
                  c10::function_ref<void(std::int64_t, std::int64_t)> work);

/// Rows that make a thread's share worth its start: about 32 thousand elements.
inline std::int64_t rows_per_task(std::int64_t elements_per_row) {
  constexpr std::int64_t kElements = 32768;
  return std::max<std::int64_t>(1, kElements / std::max<std::int64_t>(1, elements_per_row));
}

}  // namespace assay
