// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/training/tensorboard/weight_images.h>

#include <limits>

namespace assay::training::tensorboard {
namespace {

// [images, height, width, channels], or undefined.
at::Tensor arranged(const at::Tensor& weight) {
  const auto image = weight.squeeze();
  switch (image.dim()) {
    case 1:
      return image.reshape({1, -1, 1, 1});
    case 2: {
      const auto wide = image.size(0) > image.size(1) ? image.t() : image;
      return wide.unsqueeze(0).unsqueeze(3);
    }
    case 3:
      return image.unsqueeze(3);
    case 4:
      if (image.size(1) == 3 || image.size(1) == 4) return image.permute({0, 2, 3, 1});
      return {};
    default:
      return {};
  }
}

}  // namespace

at::Tensor weight_images(const at::Tensor& weight) {
  const auto values = arranged(weight.detach().to(at::kCPU, at::kDouble));
  if (!values.defined() || values.numel() == 0) return {};
  constexpr auto kInfinity = std::numeric_limits<double>::infinity();
  const auto finite = values.isfinite();
  const auto least = at::where(finite, values, kInfinity).min();
  const auto most = at::where(finite, values, -kInfinity).max();
  const auto shares = ((values - least) / (most - least)).nan_to_num(0, 1, 0).clamp(0, 1);
  return (shares * 255).round().to(at::kByte);
}

}  // namespace assay::training::tensorboard
