// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/training/layers/layer.h>

#include <cstdint>

namespace assay::training::layers {

/// Options of `Linear`.
struct LinearOptions {
  static constexpr auto class_name = "Linear";
  std::int64_t out_features = 0;
  std::optional<std::int64_t> in_features = std::nullopt;
  bool bias = true;
  std::optional<std::string> name = std::nullopt;

  static constexpr auto fields() {
    using O = LinearOptions;
    return assay::fields(
        field("in_features", &O::in_features, "Size of the input's last axis; null: from data.",
              one_or_null),
        field("out_features", &O::out_features, "Size of the output's last axis.", at_least_one),
        field("bias", &O::bias, "Whether a bias is added."), layer_fields<O>());
  }
};

/// x W^T + b along the last axis: [..., in_features] to [..., out_features].
///
/// Parameters: weight [out_features, in_features] and bias [out_features], first uniform in
/// +-1/sqrt(in_features). Source: torch.nn.Linear.
class Linear final : public LayerOf<Linear, LinearOptions> {
 public:
  /// Errors: ValueError for an option out of its range.
  explicit Linear(Options options);
  at::Tensor forward(const at::Tensor& x) override;
  void build(const at::Tensor& example) override;
  bool built() const override { return weight_.defined(); }

 private:
  void make_weights();

  at::Tensor weight_;
  at::Tensor bias_;
};

}  // namespace assay::training::layers
