// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

namespace assay::training::tensorboard {

/// A weight as images: uint8 [images, height, width, channels], undefined where it has no such
/// form. Axes of size 1 are left out first. A vector is a column, a matrix one image that is at
/// least as wide as high, and of more axes the first counts images: [images, height, width], or
/// [images, 3 or 4 colours, height, width].
///
/// The smallest finite value is black and the largest white, where Keras shows 0 and 1 so and cuts
/// what lies outside; NaN is black, and so is a weight of one value. Keras's last axis is
/// LibTorch's second, so kernels show as they do there. Source:
/// keras.callbacks.TensorBoard._log_weight_as_image.
at::Tensor weight_images(const at::Tensor& weight);

}  // namespace assay::training::tensorboard
