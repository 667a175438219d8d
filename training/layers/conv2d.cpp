// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/shapes.h>
#include <assay/training/layers/conv2d.h>
#include <assay/training/layers/layer-inl.h>
#include <c10/util/Exception.h>

namespace assay::training::layers {
namespace {

constexpr const char* kConv2dInput = "[batch, channels, height, width]";

// The kernel must fit between the padding.
void check_window(const at::Tensor& x, const Conv2dOptions& o) {
  if (o.padding.is_same) return;
  for (std::size_t i = 0; i < 2; ++i) {
    const auto room = x.size(2 + static_cast<std::int64_t>(i)) + 2 * o.padding.pair.values[i];
    const auto window = o.dilation.values[i] * (o.kernel_size.values[i] - 1) + 1;
    TORCH_CHECK_VALUE(window <= room, "Conv2d got ", describe(x),
                      "; expected room for a window of ", window, i == 0 ? " rows" : " columns");
  }
}

}  // namespace

Conv2d::Conv2d(Options options) : LayerOf(std::move(options)) {
  TORCH_CHECK_VALUE(options_.out_channels % options_.groups == 0, "Conv2d.groups: is ",
                    options_.groups, ", which does not divide out_channels ",
                    options_.out_channels);
  TORCH_CHECK_VALUE(!options_.padding.is_same || options_.stride == Pair(1),
                    "Conv2d.padding: is \"same\", which takes a stride of 1; expected numbers");
  if (options_.in_channels) make_weights();
}

void Conv2d::build(const at::Tensor& example) {
  if (built()) return;
  check_rank(example, 4, "Conv2d", kConv2dInput);
  options_.in_channels = axis_size(example, 1, "Conv2d");
  make_weights();
}

void Conv2d::make_weights() {
  const auto in = *options_.in_channels;
  const auto [height, width] = options_.kernel_size.values;
  TORCH_CHECK_VALUE(in % options_.groups == 0, "Conv2d.groups: is ", options_.groups,
                    ", which does not divide in_channels ", in);
  const auto fan_in = in / options_.groups * height * width;
  weight_ = register_parameter(
      "weight", at::empty({options_.out_channels, in / options_.groups, height, width}));
  init_uniform_fan_in(weight_, fan_in);
  if (!options_.bias) return;
  bias_ = register_parameter("bias", at::empty({options_.out_channels}));
  init_uniform_fan_in(bias_, fan_in);
}

at::Tensor Conv2d::forward(const at::Tensor& x) {
  check_built(built(), "Conv2d");
  check_rank(x, 4, "Conv2d", kConv2dInput);
  check_axis(x, 1, *options_.in_channels, "Conv2d");
  check_window(x, options_);
  const auto& o = options_;
  if (o.padding.is_same) {
    return at::conv2d(x, weight_, bias_, o.stride.values, "same", o.dilation.values, o.groups);
  }
  return at::conv2d(x, weight_, bias_, o.stride.values, o.padding.pair.values, o.dilation.values,
                    o.groups);
}

void register_conv2d(LayerRegistry& registry) { registry.add<Conv2d>({"conv2d"}); }

}  // namespace assay::training::layers
