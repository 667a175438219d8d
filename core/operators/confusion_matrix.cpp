// SPDX-License-Identifier: Apache-2.0
#include <assay/core/dtype.h>
#include <assay/core/kernels/cpu/confusion_matrix.h>
#include <assay/core/labels.h>
#include <assay/core/operators/chunked_sums.h>
#include <assay/core/operators/confusion_matrix.h>
#include <assay/core/operators/kernel_input.h>
#include <assay/core/operators/operator_handle.h>

#include <atomic>
#include <utility>
#include <vector>

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

// The sums of pairs, the matrix and then the misses. add(begin, end, sums) adds some of them.
template <class Add>
std::vector<double> sums_of_pairs(std::int64_t classes, std::int64_t pairs, const Add& add) {
  const auto size = classes * (classes + 1);
  return chunked_sums<double>(size, pairs, chunk_for(size), [&](auto begin, auto end, double* own) {
    add(begin, end, ConfusionSums{own, own + classes * classes});
  });
}

void add_sums(at::Tensor& matrix, at::Tensor& missed, std::vector<double> sums) {
  const auto size = static_cast<std::int64_t>(sums.size());
  const auto more = at::from_blob(sums.data(), {size}, matrix.options());
  matrix.add_(more.slice(0, 0, matrix.numel()).view(matrix.sizes()));
  missed.add_(more.slice(0, matrix.numel()));
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

  const auto number = labels.numel();
  const bool fits_one_chunk = number <= chunk_for(classes * (classes + 1));
  if (fits_one_chunk && matrix.is_contiguous() && missed.is_contiguous()) {
    add(0, number, {matrix.mutable_data_ptr<double>(), missed.mutable_data_ptr<double>()});
  } else {
    add_sums(matrix, missed, sums_of_pairs(classes, number, add));
  }
  bump_version(matrix);
  bump_version(missed);
}

void add_binary_pairs_composed(at::Tensor& matrix, at::Tensor& missed, const at::Tensor& y_true,
                               const at::Tensor& y_pred, const OptionalTensor& weight,
                               double threshold) {
  const auto p = to_compute(y_pred);
  const auto predicted = p.ge(threshold).to(at::kLong).masked_fill_(p.isnan(), kNoClass);
  add_class_pairs_composed(matrix, missed, class_ids(y_true, "y_true"), predicted, weight, {});
}

void add_binary_pairs_cpu(at::Tensor& matrix, at::Tensor& missed, const at::Tensor& y_true,
                          const at::Tensor& y_pred, const OptionalTensor& weight,
                          double threshold) {
  const auto operands = kernel_operands(y_true, y_pred);
  const auto& labels = operands.first;
  const auto& scores = operands.second;
  at::Tensor weights;
  if (weight) weights = weight->to(at::kDouble).expand(labels.sizes()).contiguous();
  if (y_pred.scalar_type() != at::kDouble) threshold = static_cast<float>(threshold);
  std::atomic<bool> whole = true;
  auto sums = dispatch_kernel_type(labels.scalar_type(), [&]<class T>() {
    const kernels::cpu::BinaryScores<T> pairs{
        .y_true = kernel_data<T>(labels),
        .y_pred = kernel_data<T>(scores),
        .threshold = static_cast<kernels::cpu::Compute<T>>(threshold)};
    const auto* data = kernel_data<double>(weights);
    return sums_of_pairs(2, labels.numel(), [&](auto begin, auto end, const auto& own) {
      if (!kernels::cpu::add_to_confusion_matrix(pairs, data, begin, end, own)) whole = false;
    });
  });
  if (!whole) class_ids(y_true, "y_true");  // says so
  add_sums(matrix, missed, std::move(sums));
}

TORCH_LIBRARY_FRAGMENT(assay, library) {
  define_with_cpu_kernel(library,
                         "add_class_pairs_(Tensor(a!) matrix, Tensor(b!) missed, Tensor y_true, "
                         "Tensor y_pred, Tensor? weight=None, int? ignore_class=None) -> ()",
                         &add_class_pairs_composed, &add_class_pairs_cpu);
  define_with_cpu_kernel(library,
                         "add_binary_pairs_(Tensor(a!) matrix, Tensor(b!) missed, Tensor y_true, "
                         "Tensor y_pred, Tensor? weight, float threshold) -> ()",
                         &add_binary_pairs_composed, &add_binary_pairs_cpu);
}

}  // namespace

void add_class_pairs(at::Tensor& matrix, at::Tensor& missed, const at::Tensor& y_true,
                     const at::Tensor& y_pred, const at::Tensor& weight, OptionalInt ignore_class) {
  static const auto handle = operator_handle<decltype(add_class_pairs_cpu)>("add_class_pairs_");
  handle.call(matrix, missed, y_true, y_pred, optional(weight), ignore_class);
}

void add_binary_pairs(at::Tensor& matrix, at::Tensor& missed, const at::Tensor& y_true,
                      const at::Tensor& y_pred, const at::Tensor& weight, double threshold) {
  static const auto handle = operator_handle<decltype(add_binary_pairs_cpu)>("add_binary_pairs_");
  handle.call(matrix, missed, y_true, y_pred, optional(weight), threshold);
}

}  // namespace assay
