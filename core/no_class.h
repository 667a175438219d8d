// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace assay {

/// The class of a row that has none: its scores, or its id, hold a NaN. It is no hit, and a miss in
/// confusion matrices; other ids out of range are errors, or left out.
inline constexpr int64_t kNoClass = -(int64_t{1} << 62);

}  // namespace assay
