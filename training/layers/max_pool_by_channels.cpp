// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/training/layers/max_pool_by_channels.h>
#include <torch/csrc/autograd/custom_function.h>

#include <utility>

namespace assay::training::layers {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Backward stays with the contiguous layout, for which the layers before it are made.
class ByChannels : public torch::autograd::Function<ByChannels> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x,
                            const MaxPoolWindow& window) {
    const auto [values, places] = at::max_pool2d_with_indices(
        x.contiguous(at::MemoryFormat::ChannelsLast), window.kernel_size, window.stride,
        window.padding, window.dilation, window.ceil_mode);
    context->save_for_backward({x, places.contiguous()});
    context->saved_data["kernel_size"] = window.kernel_size;
    context->saved_data["stride"] = window.stride;
    context->saved_data["padding"] = window.padding;
    context->saved_data["dilation"] = window.dilation;
    context->saved_data["ceil_mode"] = window.ceil_mode;
    return values.contiguous();
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    const auto list = [&](const char* name) { return context->saved_data[name].toIntVector(); };
    return {
        at::max_pool2d_with_indices_backward(
            gradients[0].contiguous(), saved[0], list("kernel_size"), list("stride"),
            list("padding"), list("dilation"), context->saved_data["ceil_mode"].toBool(), saved[1]),
        at::Tensor()};
  }
};

}  // namespace

at::Tensor max_pool_by_channels(const at::Tensor& x, const MaxPoolWindow& window) {
  return ByChannels::apply(x, window);
}

}  // namespace assay::training::layers
