// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/dtype.h>
#include <assay/core/on_device.h>
#include <assay/core/shapes.h>

#include <algorithm>

namespace assay {
namespace {

bool has_trailing_one(const at::Tensor& tensor) { return tensor.dim() > 0 && tensor.size(-1) == 1; }

bool broadcasts_to(at::IntArrayRef from, at::IntArrayRef to) {
  if (from.size() > to.size()) return false;
  const auto offset = to.size() - from.size();
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (from[i] != 1 && from[i] != to[offset + i]) return false;
  }
  return true;
}

at::Tensor align(const at::Tensor& tensor, const at::Tensor& values, const char* argument) {
  TORCH_CHECK_VALUE(tensor.device() == values.device() || tensor.dim() == 0, argument, " is on ",
                    tensor.device(), ", the values are on ", values.device(),
                    "; expected one device");
  auto aligned = tensor;
  const auto leading = values.sizes().slice(0, std::min(tensor.dim(), values.dim()));
  if (tensor.dim() > 0 && tensor.dim() < values.dim() && tensor.sizes() == leading) {
    for (auto rank = tensor.dim(); rank < values.dim(); ++rank) aligned = aligned.unsqueeze(-1);
  } else if (tensor.dim() == values.dim() + 1 && has_trailing_one(tensor)) {
    aligned = aligned.squeeze(-1);
  }
  TORCH_CHECK_VALUE(broadcasts_to(aligned.sizes(), values.sizes()), argument, " has shape ",
                    describe(tensor.sizes()), ", which does not broadcast to the values of shape ",
                    describe(values.sizes()),
                    "; expected a scalar, one weight a sample, or a shape that broadcasts");
  return on_device(aligned, values.device());
}

}  // namespace

std::string describe(at::IntArrayRef shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(shape[i]);
  }
  return text + "]";
}

std::string describe(const at::Tensor& tensor) {
  if (!tensor.defined()) return "nothing";
  return dtype_name(tensor.scalar_type()) + " " + describe(tensor.sizes());
}

std::pair<at::Tensor, at::Tensor> align_ranks(const at::Tensor& a, const at::Tensor& b) {
  if (a.dim() == b.dim() + 1 && has_trailing_one(a)) {
    if (b.dim() == 1) return {a, b.unsqueeze(-1)};
    return {a.squeeze(-1), b};
  }
  if (b.dim() == a.dim() + 1 && has_trailing_one(b)) {
    if (a.dim() == 1) return {a.unsqueeze(-1), b};
    return {a, b.squeeze(-1)};
  }
  return {a, b};
}

std::pair<at::Tensor, at::Tensor> align_same_shape(const at::Tensor& y_true,
                                                   const at::Tensor& y_pred) {
  auto aligned = align_ranks(y_true, y_pred);
  // The message has the shapes that the caller knows.
  if (aligned.first.sizes() != aligned.second.sizes()) check_same_shape(y_true, y_pred);
  return aligned;
}

void check_same_shape(const at::Tensor& y_true, const at::Tensor& y_pred) {
  TORCH_CHECK_VALUE(y_true.sizes() == y_pred.sizes(), "y_true has shape ", describe(y_true.sizes()),
                    ", y_pred has shape ", describe(y_pred.sizes()),
                    "; expected one shape (a trailing 1 aside)");
}

at::Tensor flatten_axes_last(const at::Tensor& tensor, const IntegerOrList& axes) {
  if (!axes.given()) return tensor.reshape(-1);
  const auto rank = tensor.dim();
  std::vector<std::int64_t> last;
  for (const auto axis : axes.numbers()) {
    TORCH_CHECK_VALUE(axis >= -rank && axis < rank, "axis is ", axis, ", the tensor has shape ",
                      describe(tensor.sizes()));
    last.push_back(axis < 0 ? axis + rank : axis);
    TORCH_CHECK_VALUE(std::count(last.begin(), last.end(), last.back()) == 1, "axis names ", axis,
                      " twice");
  }
  std::vector<std::int64_t> order;
  std::vector<std::int64_t> shape;
  std::int64_t elements = 1;
  for (std::int64_t axis = 0; axis < rank; ++axis) {
    if (std::find(last.begin(), last.end(), axis) != last.end()) {
      elements *= tensor.size(axis);
    } else {
      order.push_back(axis);
      shape.push_back(tensor.size(axis));
    }
  }
  order.insert(order.end(), last.begin(), last.end());
  shape.push_back(elements);
  return tensor.permute(order).reshape(shape);
}

at::Tensor align_sample_weight(const at::Tensor& sample_weight, const at::Tensor& values) {
  TORCH_CHECK_VALUE(!sample_weight.is_complex(), "sample_weight is ", describe(sample_weight),
                    "; expected real numbers");
  return align(sample_weight, values, "sample_weight").to(values.scalar_type());
}

at::Tensor align_mask(const at::Tensor& mask, const at::Tensor& values) {
  return align(mask, values, "mask").to(at::kBool);
}

}  // namespace assay
