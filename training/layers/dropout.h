// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/training/layers/layer.h>

namespace assay::training::layers {

/// Options of `Dropout`.
struct DropoutOptions {
  static constexpr auto class_name = "Dropout";
  double rate = 0.5;
  std::optional<std::string> name = std::nullopt;

  static constexpr auto fields() {
    using O = DropoutOptions;
    return assay::fields(
        field("rate", &O::rate, "Fraction of the elements that become 0.", in_unit_interval),
        layer_fields<O>());
  }
};

/// In training, sets each element to 0 with probability `rate` and multiplies the others by
/// 1 / (1 - rate), by LibTorch's random state; in evaluation, nothing.
/// Source: keras.layers.Dropout.
class Dropout final : public LayerOf<Dropout, DropoutOptions> {
 public:
  using LayerOf::LayerOf;
  at::Tensor forward(const at::Tensor& x) override;
};

}  // namespace assay::training::layers
