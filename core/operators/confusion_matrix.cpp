// SPDX-License-Identifier: Apache-2.0
#include <assay/core/kernels/cpu/confusion_matrix.h>
#include <assay/core/operators/chunked_sums.h>
#include <assay/core/operators/confusion_matrix.h>
#include <assay/core/operators/kernel_input.h>
#include <assay/core/operators/operator_handle.h>

namespace assay {
namespace {

using kernels::cpu::ClassPairs;
using kernels::cpu::ConfusionSums;
using OptionalInt = std::optional<std::int64_t>;
using OptionalTensor = std::optional<at::Tensor>;

// Adds the weights where `counted` to the sums, flattened, at `place`.
void add_pairs_at(at::Tensor& sums, const at::Tensor& counted, const at::Tensor& place,
                  const at::Tensor& weight) {
  const auto places = at::where(counted, place, 0).reshape(-1);
  const auto weights = at::where(counted, weight, 0.0).reshape(-1);
  if (sums.is_contiguous()) {
    sums.view(-1).index_add_(0, places, weights);
  } else {  // a state that was loaded, say
    const auto more = at::zeros({sums.numel()}, sums.options());
    sums.add_(more.index_add(0, places, weights).view(sums.sizes()));
  }
}

void add_class_pairs_composed(at::Tensor& matrix, at::Tensor& missed, const at::Tensor& y_true,
                              const at::Tensor& y_pred, const OptionalTensor& weight,
                              OptionalInt ignore_class) {
  const auto classes = missed.size(0);
  const auto in_range = [&](const at::Tensor& ids) {
    return ids.ge(0).logical_and(ids.lt(classes));
  };
  auto counted = in_range(y_true);
  if (ignore_class) counted = counted.logical_and(y_true.ne(*ignore_class));
  const auto weights = weight ? weight->to(at::kDouble).expand_as(y_true)
                              : at::ones({}, matrix.options()).expand_as(y_true);
  add_pairs_at(matrix, counted.logical_and(in_range(y_pred)), y_true * classes + y_pred, weights);
  add_pairs_at(missed, counted.logical_and(y_pred.eq(kNoClass)), y_true, weights);
}

void add_class_pairs_cpu(at::Tensor& matrix, at::Tensor& missed, const at::Tensor& y_true,
                         const at::Tensor& y_pred, const OptionalTensor& weight,
                         OptionalInt ignore_class) {
  const auto labels = y_true.contiguous();
  const auto predictions = y_pred.contiguous();
  const auto classes = missed.size(0);
  const ClassPairs pairs{.y_true = labels.const_data_ptr<std::int64_t>(),
                         .y_pred = predictions.const_data_ptr<std::int64_t>(),
                         .classes = classes,
                         .has_ignore_class = ignore_class.has_value(),
                         .ignore_class = ignore_class.value_or(0)};
  at::Tensor weights;
  if (weight) {
    const auto floating = weight->scalar_type() == at::kFloat ? *weight : weight->to(at::kDouble);
    weights = floating.expand(labels.sizes()).contiguous();
  }
  const auto add = [&](std::int64_t begin, std::int64_t end, const ConfusionSums& sums) {
    if (!weights.defined()) {
      kernels::cpu::add_to_confusion_matrix(pairs, begin, end, sums);
    } else if (weights.scalar_type() == at::kFloat) {
      kernels::cpu::add_to_confusion_matrix(pairs, kernel_data<float>(weights), begin, end, sums);
    } else {
      kernels::cpu::add_to_confusion_matrix(pairs, kernel_data<double>(weights), begin, end, sums);
    }
  };

  const auto places = classes * classes;
  const auto size = places + classes;
  const auto number = labels.numel();
  if (number <= chunk_for(size) && matrix.is_contiguous() && missed.is_contiguous()) {
    add(0, number, {matrix.mutable_data_ptr<double>(), missed.mutable_data_ptr<double>()});
  } else {
    auto sums =
        chunked_sums<double>(size, number, chunk_for(size), [&](auto begin, auto end, double* own) {
          add(begin, end, {own, own + places});
        });
    const auto total = at::from_blob(sums.data(), {size}, matrix.options());
    matrix.add_(total.slice(0, 0, places).view({classes, classes}));
    missed.add_(total.slice(0, places));
  }
  bump_version(matrix);
  bump_version(missed);
}

TORCH_LIBRARY_FRAGMENT(assay, library) {
  define_with_cpu_kernel(library,
                         "add_class_pairs_(Tensor(a!) matrix, Tensor(b!) missed, Tensor y_true, "
                         "Tensor y_pred, Tensor? weight=None, int? ignore_class=None) -> ()",
                         &add_class_pairs_composed, &add_class_pairs_cpu);
}

}  // namespace

void add_class_pairs(at::Tensor& matrix, at::Tensor& missed, const at::Tensor& y_true,
                     const at::Tensor& y_pred, const at::Tensor& weight, OptionalInt ignore_class) {
  static const auto handle = operator_handle<decltype(add_class_pairs_cpu)>("add_class_pairs_");
  handle.call(matrix, missed, y_true, y_pred, optional(weight), ignore_class);
}

}  // namespace assay
