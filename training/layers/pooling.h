// SPDX-License-Identifier: Apache-2.0
// Layers that make one element of a window of a picture.
#pragma once
#include <assay/training/layers/layer.h>
#include <assay/training/layers/window.h>

namespace assay::training::layers {

/// Options of `MaxPool2d`.
struct MaxPool2dOptions {
  static constexpr auto class_name = "MaxPool2d";
  Pair kernel_size = {};
  std::optional<Pair> stride = std::nullopt;
  Pair padding = 0;
  Pair dilation = 1;
  bool ceil_mode = false;
  std::optional<std::string> name = std::nullopt;

  static constexpr auto fields() {
    using O = MaxPool2dOptions;
    return assay::fields(
        field("kernel_size", &O::kernel_size, "Height and width of the window.", pair_at_least_one),
        field("stride", &O::stride, "Steps from one window to the next; null: the window's size.",
              stride_or_null),
        field("padding", &O::padding, "Elements around the input that never win.",
              pair_at_least_zero),
        field("dilation", &O::dilation, "Distance of the window's elements.", pair_at_least_one),
        field("ceil_mode", &O::ceil_mode, "Whether a window may stand over the edge."),
        layer_fields<O>());
  }
};

/// The greatest element of each window of [batch, channels, height, width].
/// Errors: ValueError where the padding is more than half the window, or the input too small.
/// Source: torch.nn.MaxPool2d.
class MaxPool2d final : public LayerOf<MaxPool2d, MaxPool2dOptions> {
 public:
  /// Errors: ValueError for an option out of its range, or padding of more than
  /// half the window.
  explicit MaxPool2d(Options options);
  at::Tensor forward(const at::Tensor& x) override;
};

/// Options of `AvgPool2d`.
struct AvgPool2dOptions {
  static constexpr auto class_name = "AvgPool2d";
  Pair kernel_size = {};
  std::optional<Pair> stride = std::nullopt;
  Pair padding = 0;
  bool ceil_mode = false;
  bool count_include_pad = true;
  std::optional<std::string> name = std::nullopt;

  static constexpr auto fields() {
    using O = AvgPool2dOptions;
    return assay::fields(
        field("kernel_size", &O::kernel_size, "Height and width of the window.", pair_at_least_one),
        field("stride", &O::stride, "Steps from one window to the next; null: the window's size.",
              stride_or_null),
        field("padding", &O::padding, "Zeros around the input.", pair_at_least_zero),
        field("ceil_mode", &O::ceil_mode, "Whether a window may stand over the edge."),
        field("count_include_pad", &O::count_include_pad, "Whether the padding's zeros count."),
        layer_fields<O>());
  }
};

/// The mean of each window of [batch, channels, height, width].
/// Errors: ValueError where the padding is more than half the window, or the input too small.
/// Source: torch.nn.AvgPool2d.
class AvgPool2d final : public LayerOf<AvgPool2d, AvgPool2dOptions> {
 public:
  /// Errors: ValueError for an option out of its range, or padding of more than
  /// half the window.
  explicit AvgPool2d(Options options);
  at::Tensor forward(const at::Tensor& x) override;
};

/// Options of `AdaptiveAvgPool2d`.
struct AdaptiveAvgPool2dOptions {
  static constexpr auto class_name = "AdaptiveAvgPool2d";
  Pair output_size = 1;
  std::optional<std::string> name = std::nullopt;

  static constexpr auto fields() {
    using O = AdaptiveAvgPool2dOptions;
    return assay::fields(
        field("output_size", &O::output_size, "Height and width of the output.", pair_at_least_one),
        layer_fields<O>());
  }
};

/// Means of windows that divide the picture evenly. Source: torch.nn.AdaptiveAvgPool2d.
class AdaptiveAvgPool2d final : public LayerOf<AdaptiveAvgPool2d, AdaptiveAvgPool2dOptions> {
 public:
  using LayerOf::LayerOf;
  at::Tensor forward(const at::Tensor& x) override;
};

}  // namespace assay::training::layers
