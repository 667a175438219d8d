// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/shapes.h>
#include <assay/training/layers/layer-inl.h>
#include <assay/training/layers/max_pool_by_channels.h>
#include <assay/training/layers/pooling.h>
#include <c10/util/Exception.h>

namespace assay::training::layers {
namespace {

constexpr const char* kPoolingInput = "[batch, channels, height, width]";

template <class Options>
void check_padding(const Options& options) {
  for (std::size_t i = 0; i < 2; ++i) {
    TORCH_CHECK_VALUE(2 * options.padding.values[i] <= options.kernel_size.values[i],
                      Options::class_name, ".padding: is ", options.padding.values[i],
                      "; expected at most half of the window's ", options.kernel_size.values[i]);
  }
}

template <class Options>
void check_input(const at::Tensor& x, const Options& options, Pair dilation) {
  check_rank(x, 4, Options::class_name, kPoolingInput);
  for (std::size_t i = 0; i < 2; ++i) {
    const auto room = x.size(2 + static_cast<std::int64_t>(i)) + 2 * options.padding.values[i];
    const auto window = dilation.values[i] * (options.kernel_size.values[i] - 1) + 1;
    TORCH_CHECK_VALUE(window <= room, Options::class_name, " got ", describe(x),
                      "; expected room for a window of ", window, i == 0 ? " rows" : " columns");
  }
}

std::vector<std::int64_t> list(const Pair& pair) {
  return {pair.values.begin(), pair.values.end()};
}

}  // namespace

MaxPool2d::MaxPool2d(Options options) : LayerOf(std::move(options)) { check_padding(options_); }

at::Tensor MaxPool2d::forward(const at::Tensor& x) {
  const auto& o = options_;
  check_input(x, o, o.dilation);
  const auto stride = o.stride.value_or(o.kernel_size);
  constexpr std::int64_t kWorthCopying = 16;
  const bool real = x.scalar_type() == at::kFloat || x.scalar_type() == at::kDouble;
  if (x.device().is_cpu() && real && x.size(1) >= kWorthCopying && x.is_contiguous()) {
    return max_pool_by_channels(
        x, {list(o.kernel_size), list(stride), list(o.padding), list(o.dilation), o.ceil_mode});
  }
  return at::max_pool2d(x, o.kernel_size.values, stride.values, o.padding.values, o.dilation.values,
                        o.ceil_mode);
}

AvgPool2d::AvgPool2d(Options options) : LayerOf(std::move(options)) { check_padding(options_); }

at::Tensor AvgPool2d::forward(const at::Tensor& x) {
  const auto& o = options_;
  check_input(x, o, Pair(1));
  return at::avg_pool2d(x, o.kernel_size.values, o.stride.value_or(o.kernel_size).values,
                        o.padding.values, o.ceil_mode, o.count_include_pad);
}

at::Tensor AdaptiveAvgPool2d::forward(const at::Tensor& x) {
  check_rank(x, 4, "AdaptiveAvgPool2d", kPoolingInput);
  return at::adaptive_avg_pool2d(x, options_.output_size.values);
}

void register_pooling(LayerRegistry& registry) {
  registry.add<MaxPool2d>();
  registry.add<AvgPool2d>();
  registry.add<AdaptiveAvgPool2d>();
}

}  // namespace assay::training::layers
