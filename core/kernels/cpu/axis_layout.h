// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace assay::kernels::cpu {

/// Where the entries of a row lie when the class axis may stand anywhere: entry (row, c) is at
///   (row / inner) * outer_stride + c * inner + row % inner.
/// A matrix [rows, classes] has inner = 1 and outer_stride = its row stride; an image
/// [batch, classes, height, width] has inner = height * width, outer_stride = classes * inner.
struct AxisLayout {
  int64_t classes = 0;
  int64_t inner = 1;
  int64_t outer_stride = 0;

  /// The layout of a contiguous tensor.
  static constexpr AxisLayout contiguous(int64_t classes, int64_t inner = 1) {
    return {classes, inner, classes * inner};
  }

  constexpr int64_t offset(int64_t row) const {
    return inner == 1 ? row * outer_stride : row / inner * outer_stride + row % inner;
  }
};

}  // namespace assay::kernels::cpu
