// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <string>

namespace assay::training::tensorboard {

/// The PNG file of an image: uint8 [height, width, channels] on the CPU, where channels are 1
/// (grey), 3 (red, green, blue) or 4 (and opacity).
/// Errors: ValueError for another shape or dtype.
/// Source: https://www.w3.org/TR/png-3/
std::string png(const at::Tensor& pixels);

}  // namespace assay::training::tensorboard
