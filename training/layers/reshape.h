// SPDX-License-Identifier: Apache-2.0
// Layers that change shapes alone.
#pragma once
#include <assay/training/layers/layer.h>

#include <cstdint>
#include <vector>

namespace assay::training::layers {

/// Options of `Flatten`.
struct FlattenOptions {
  static constexpr auto class_name = "Flatten";
  std::optional<std::string> name = std::nullopt;
  static constexpr auto fields() { return layer_fields<FlattenOptions>(); }
};

/// [batch, d0 .. dN] to [batch, d0 * .. * dN]; [batch] to [batch, 1].
/// Source: keras.layers.Flatten.
class Flatten final : public LayerOf<Flatten, FlattenOptions> {
 public:
  using LayerOf::LayerOf;
  at::Tensor forward(const at::Tensor& x) override;
};

/// Options of `Reshape`.
struct ReshapeOptions {
  static constexpr auto class_name = "Reshape";
  std::vector<std::int64_t> target_shape = {};
  std::optional<std::string> name = std::nullopt;

  static constexpr auto fields() {
    using O = ReshapeOptions;
    return assay::fields(
        field("target_shape", &O::target_shape, "Sizes of the axes after the batch's.",
              {[](const std::vector<std::int64_t>& shape) {
                 int open = 0;
                 for (const auto size : shape) {
                   if (size < -1 || size == 0) return false;
                   open += size == -1;
                 }
                 return open <= 1;
               },
               "a list of integers of at least 1; one of them may be -1, for what is left"}),
        layer_fields<O>());
  }
};

/// [batch, d0 .. dN] to [batch, target_shape]. Source: keras.layers.Reshape.
class Reshape final : public LayerOf<Reshape, ReshapeOptions> {
 public:
  using LayerOf::LayerOf;
  at::Tensor forward(const at::Tensor& x) override;
};

}  // namespace assay::training::layers
