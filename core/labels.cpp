// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <ATen/TensorSubclassLikeUtils.h>
#include <assay/core/labels.h>
#include <assay/core/no_class.h>
#include <assay/core/parallel_for.h>
#include <assay/core/shapes.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <utility>

namespace assay {
namespace {

// Not a tensor that stands for others, as those with which torch.compile traces.
bool is_readable(const at::Tensor& labels) {
  return labels.is_cpu() && !at::isTensorSubclassLike(labels);
}

// One pass: LibTorch's operators would make five. False where a number is neither whole nor a NaN
// that is given an integer; what is beyond 64 bits becomes the outermost integer.
template <class T>
bool read_integers(const at::Tensor& numbers, std::optional<std::int64_t> of_nan,
                   const at::Tensor& integers) {
  constexpr T kEnd = 9223372036854775808.0;
  using Limits = std::numeric_limits<std::int64_t>;
  const auto* from = numbers.const_data_ptr<T>();
  auto* to = integers.mutable_data_ptr<std::int64_t>();
  std::atomic<bool> all_are = true;
  parallel_for(0, numbers.numel(), rows_per_task(1), [&](std::int64_t begin, std::int64_t end) {
    bool whole = true;
    for (auto i = begin; i < end; ++i) {
      const T x = from[i];
      if (x >= -kEnd && x < kEnd) {
        to[i] = static_cast<std::int64_t>(x);
        whole = whole && static_cast<T>(to[i]) == x;
      } else if (x == x) {
        to[i] = x > 0 ? Limits::max() : Limits::min();
      } else {
        to[i] = of_nan.value_or(0);
        whole = whole && of_nan;
      }
    }
    if (!whole) all_are = false;
  });
  return all_are;
}

}  // namespace

std::int64_t class_axis(const at::Tensor& y_pred, std::int64_t axis) {
  TORCH_CHECK_VALUE(y_pred.dim() > 0, "y_pred is a scalar; expected a class axis");
  TORCH_CHECK_VALUE(axis >= -y_pred.dim() && axis < y_pred.dim(), "axis is ", axis,
                    ", y_pred has shape ", describe(y_pred.sizes()));
  return axis < 0 ? axis + y_pred.dim() : axis;
}

at::Tensor sparse_labels(const at::Tensor& y_true, const at::Tensor& y_pred, std::int64_t axis) {
  axis = class_axis(y_pred, axis);
  auto labels = y_true;
  if (labels.dim() == y_pred.dim()) labels = labels.squeeze(labels.size(axis) == 1 ? axis : -1);
  bool fits = labels.dim() == y_pred.dim() - 1;
  for (std::int64_t i = 0; fits && i < labels.dim(); ++i) {
    fits = labels.size(i) == y_pred.size(i < axis ? i : i + 1);
  }
  if (!fits) {
    auto expected = y_pred.sizes().vec();
    expected.erase(expected.begin() + axis);
    TORCH_CHECK_VALUE(false, "y_true has shape ", describe(y_true.sizes()), ", y_pred has shape ",
                      describe(y_pred.sizes()), "; expected labels of shape ", describe(expected),
                      ", with or without a 1 on the class axis or at the end");
  }
  return integer_labels(labels);
}

std::optional<at::Tensor> whole_numbers(const at::Tensor& numbers,
                                        std::optional<std::int64_t> of_nan) {
  const auto is_double = numbers.scalar_type() == at::kDouble;
  const auto from = numbers.to(is_double ? at::kDouble : at::kFloat).contiguous();
  auto integers = at::empty(from.sizes(), from.options().dtype(at::kLong));
  const bool all_are = is_double ? read_integers<double>(from, of_nan, integers)
                                 : read_integers<float>(from, of_nan, integers);
  return all_are ? std::optional(std::move(integers)) : std::nullopt;
}

at::Tensor integer_labels(const at::Tensor& y_true) {
  if (!at::isFloatingType(y_true.scalar_type()) || !is_readable(y_true)) {
    return y_true.to(at::kLong);
  }
  auto labels = whole_numbers(y_true);
  TORCH_CHECK_VALUE(labels, "y_true holds labels that are not integers; expected class indices");
  return *std::move(labels);
}

at::Tensor class_ids(const at::Tensor& ids, const char* argument) {
  if (!at::isFloatingType(ids.scalar_type())) return ids.to(at::kLong);
  if (ids.is_cpu()) {
    auto numbers = whole_numbers(ids, kNoClass);
    TORCH_CHECK_VALUE(numbers, argument,
                      " holds class ids that are not integers; scores need a class axis");
    return *std::move(numbers);
  }
  const auto in_double = ids.to(at::kDouble);
  // Beyond 2^53 no id is in range; what float64 holds may not fit int64.
  constexpr double kLargest = 1LL << 53;
  const auto whole = in_double.nan_to_num(0.0).clamp(-kLargest, kLargest).to(at::kLong);
  return whole.masked_fill(in_double.isnan(), kNoClass);
}

void check_label_range(const at::Tensor& labels, std::int64_t classes,
                       std::optional<std::int64_t> ignore_class) {
  if (!is_readable(labels) || labels.numel() == 0) return;
  auto bad = labels.lt(0).logical_or(labels.ge(classes));
  if (ignore_class) bad = bad.logical_and(labels.ne(*ignore_class));
  if (!bad.any().item<bool>()) return;
  const auto first = labels.masked_select(bad)[0].item<std::int64_t>();
  TORCH_CHECK_VALUE(false, "y_true holds the label ", first, "; expected labels in [0, ", classes,
                    ")", ignore_class ? " or ignore_class " + std::to_string(*ignore_class) : "");
}

at::Tensor SparseRows::without_ignored(const at::Tensor& values) const {
  return keep.defined() ? at::where(keep, values, at::zeros_like(values)) : values;
}

SparseRows sparse_rows(const at::Tensor& y_true, const at::Tensor& y_pred, std::int64_t axis,
                       std::optional<std::int64_t> ignore_class) {
  const auto labels = sparse_labels(y_true, y_pred, axis);
  check_label_range(labels, y_pred.size(axis), ignore_class);
  if (!ignore_class) return {labels, y_pred, {}};
  const auto keep = labels.ne(*ignore_class);
  return {at::where(keep, labels, 0),
          at::where(keep.unsqueeze(axis), y_pred, at::zeros_like(y_pred)), keep};
}

at::Tensor signed_labels(const at::Tensor& y_true) {
  // Decided on the device: the host never waits for the labels.
  const auto binary = y_true.eq(0).logical_or(y_true.eq(1)).all();
  return at::where(binary, 2 * y_true - 1, y_true);
}

bool are_binary_labels(const at::Tensor& y_true) {
  if (y_true.scalar_type() != at::kFloat) {
    return y_true.eq(0).logical_or(y_true.eq(1)).all().item<bool>();
  }
  const auto labels = y_true.contiguous();
  const auto* label = labels.const_data_ptr<float>();
  constexpr std::int64_t kBlock = 1024;
  for (std::int64_t first = 0; first < labels.numel(); first += kBlock) {
    const auto last = std::min(first + kBlock, labels.numel());
    int others = 0;  // no branch inside, so that the compiler takes several at a time
    for (auto i = first; i < last; ++i) others |= label[i] != 0 && label[i] != 1;
    if (others != 0) return false;
  }
  return true;
}

at::Tensor rows_without_nan(const at::Tensor& rows) { return rows.isnan().any(-1).logical_not(); }

}  // namespace assay
