// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/training/layers/layer.h>

#include <cstdint>
#include <vector>

namespace assay::training::layers {

/// Options of `LayerNorm`.
struct LayerNormOptions {
  static constexpr auto class_name = "LayerNorm";
  std::optional<std::vector<std::int64_t>> normalized_shape = std::nullopt;
  double eps = 1e-5;
  bool elementwise_affine = true;
  bool bias = true;
  std::optional<std::string> name = std::nullopt;

  static constexpr auto fields() {
    using O = LayerNormOptions;
    return assay::fields(
        field("normalized_shape", &O::normalized_shape,
              "Sizes of the last axes, over which is normalised; null: the last one, from data.",
              {[](const std::optional<std::vector<std::int64_t>>& shape) {
                 if (!shape) return true;
                 for (const auto size : *shape) {
                   if (size < 1) return false;
                 }
                 return !shape->empty();
               },
               "a list of integers of at least 1, or null"}),
        field("eps", &O::eps, "Added to the variance.", positive),
        field("elementwise_affine", &O::elementwise_affine, "Whether the result is scaled."),
        field("bias", &O::bias, "Whether the scaled result is shifted."), layer_fields<O>());
  }
};

/// (x - mean) / sqrt(var + eps) * weight + bias, with mean and population variance of each sample
/// over its last axes.
///
/// Parameters: weight (first 1) and bias (first 0) of shape normalized_shape.
/// Source: torch.nn.LayerNorm.
class LayerNorm final : public LayerOf<LayerNorm, LayerNormOptions> {
 public:
  /// Errors: ValueError for an option out of its range.
  explicit LayerNorm(Options options = {});
  at::Tensor forward(const at::Tensor& x) override;
  void build(const at::Tensor& example) override;
  bool built() const override { return options_.normalized_shape.has_value(); }

 private:
  void make_weights();

  at::Tensor weight_;
  at::Tensor bias_;
};

}  // namespace assay::training::layers
