// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/training/layers/activation_function.h>
#include <assay/training/layers/layer.h>

#include <cstdint>

namespace assay::training::layers {

/// Options of `Dense`.
struct DenseOptions {
  static constexpr auto class_name = "Dense";
  std::int64_t units = 0;
  ActivationName activation = {};
  bool use_bias = true;
  std::optional<std::int64_t> in_features = std::nullopt;
  std::optional<std::string> name = std::nullopt;

  static constexpr auto fields() {
    using O = DenseOptions;
    return assay::fields(
        field("units", &O::units, "Size of the output's last axis.", at_least_one),
        field("activation", &O::activation, "Keras's name of the function that follows."),
        field("use_bias", &O::use_bias, "Whether a bias is added."),
        field("in_features", &O::in_features, "Size of the input's last axis; null: from data.",
              one_or_null)
            .beyond_keras(),
        layer_fields<O>());
  }
};

/// activation(x W^T + b) along the last axis: [..., in_features] to [..., units].
///
/// Parameters: weight [units, in_features] (Keras's kernel, transposed), first uniform in
/// +-sqrt(6 / (in_features + units)); bias [units], first 0.
/// Source: keras.layers.Dense.
class Dense final : public LayerOf<Dense, DenseOptions> {
 public:
  /// Errors: ValueError for an option out of its range, or an activation that is
  /// not known.
  explicit Dense(Options options);
  at::Tensor forward(const at::Tensor& x) override;
  void build(const at::Tensor& example) override;
  bool built() const override { return weight_.defined(); }

 private:
  void make_weights();

  at::Tensor weight_;
  at::Tensor bias_;
};

}  // namespace assay::training::layers
