// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/training/layers/layer.h>
#include <assay/training/layers/window.h>

#include <cstdint>

namespace assay::training::layers {

/// Options of `Conv2d`.
struct Conv2dOptions {
  static constexpr auto class_name = "Conv2d";
  std::int64_t out_channels = 0;
  Pair kernel_size = {};
  std::optional<std::int64_t> in_channels = std::nullopt;
  Pair stride = 1;
  Padding padding = 0;
  Pair dilation = 1;
  std::int64_t groups = 1;
  bool bias = true;
  std::optional<std::string> name = std::nullopt;

  static constexpr auto fields() {
    using O = Conv2dOptions;
    return assay::fields(
        field("in_channels", &O::in_channels, "Channels of the input; null: from data.",
              one_or_null),
        field("out_channels", &O::out_channels, "Channels of the output.", at_least_one),
        field("kernel_size", &O::kernel_size, "Height and width of the window.", pair_at_least_one),
        field("stride", &O::stride, "Steps from one window to the next.", pair_at_least_one),
        field("padding", &O::padding,
              "Zeros around the input; \"valid\" is 0, \"same\" keeps its "
              "height and width.",
              padding_at_least_zero),
        field("dilation", &O::dilation, "Distance of the window's elements.", pair_at_least_one),
        field("groups", &O::groups, "Parts that the channels are divided into.", at_least_one),
        field("bias", &O::bias, "Whether a bias is added."), layer_fields<O>());
  }
};

/// Cross-correlation of [batch, in_channels, height, width] with a window.
///
/// Parameters: weight [out_channels, in_channels / groups, kernel height, kernel width] and bias
/// [out_channels], first uniform in +-1/sqrt(fan in).
/// Errors: ValueError where groups does not divide the channels, or "same" meets a stride above 1.
/// Source: torch.nn.Conv2d.
class Conv2d final : public LayerOf<Conv2d, Conv2dOptions> {
 public:
  /// Errors: ValueError for an option out of its range, `groups` that do
  /// not divide the channels, or "same" with a stride above 1.
  explicit Conv2d(Options options);
  at::Tensor forward(const at::Tensor& x) override;
  void build(const at::Tensor& example) override;
  bool built() const override { return weight_.defined(); }

 private:
  void make_weights();

  at::Tensor weight_;
  at::Tensor bias_;
};

}  // namespace assay::training::layers
