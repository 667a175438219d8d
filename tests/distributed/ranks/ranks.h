// SPDX-License-Identifier: Apache-2.0
// Tests that run in several processes at once, which torchrun starts: each rank runs all of them,
// in the same order, and knows the data of all.
#pragma once
#include <assay/distributed/group.h>

#include <cstdint>
#include <vector>

namespace assay::testing {

/// The group of this program.
distributed::Group& ranks();

/// The rows of each rank, cut as `cut` says: 0 evenly, 1 all on the last rank, 2 none on rank 0,
/// 3 uneven.
inline constexpr int kCuts = 4;
std::vector<std::vector<std::int64_t>> rows_by_rank(std::int64_t rows, int cut);

}  // namespace assay::testing
