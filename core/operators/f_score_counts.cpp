// SPDX-License-Identifier: Apache-2.0
#include <assay/core/dtype.h>
#include <assay/core/kernels/cpu/f_score_counts.h>
#include <assay/core/operators/chunked_sums.h>
#include <assay/core/operators/f_score_counts.h>
#include <assay/core/operators/kernel_input.h>
#include <assay/core/operators/operator_handle.h>

#include <algorithm>
#include <vector>

namespace assay {
namespace {

using OptionalDouble = std::optional<double>;
using OptionalTensor = std::optional<at::Tensor>;

// Keras's zero: a row of zeros has a largest entry, yet claims nothing.
constexpr double kSmallestClaim = 1e-9;

at::Tensor claimed_labels(const at::Tensor& y_pred, OptionalDouble threshold) {
  const auto p = to_compute(y_pred);
  if (threshold) return p.gt(*threshold);
  return p.eq(p.amax(-1, /*keepdim=*/true)).logical_and(p.abs().gt(kSmallestClaim));
}

void add_f_score_counts_composed(at::Tensor& true_positives, at::Tensor& false_positives,
                                 at::Tensor& false_negatives, at::Tensor& weights,
                                 const at::Tensor& y_true, const at::Tensor& y_pred,
                                 const OptionalTensor& weight, OptionalDouble threshold) {
  const auto t = y_true.to(at::kDouble);
  const auto yes = claimed_labels(y_pred, threshold);
  const auto w = (weight ? *weight : at::ones({}, t.options())).expand_as(t);
  const auto sum = [&](const at::Tensor& values) {
    return true_positives.dim() == 0 ? values.sum() : values.sum(0);
  };
  const auto weighted = w * t;
  true_positives.add_(sum(at::where(yes, weighted, 0.0)));
  false_positives.add_(sum(at::where(yes, w * (1 - t), 0.0)));
  false_negatives.add_(sum(at::where(yes, 0.0, weighted)));
  weights.add_(sum(weighted));
}

void add_f_score_counts_cpu(at::Tensor& true_positives, at::Tensor& false_positives,
                            at::Tensor& false_negatives, at::Tensor& weights,
                            const at::Tensor& y_true, const at::Tensor& y_pred,
                            const OptionalTensor& weight, OptionalDouble threshold) {
  const auto rows = y_pred.size(0);
  const auto labels = y_pred.size(1);
  const bool weighs_labels = weight && weight->dim() > 0 && weight->size(-1) != 1;
  if (weighs_labels || labels == 0 || y_pred.scalar_type() == at::kLong) {
    add_f_score_counts_composed(true_positives, false_positives, false_negatives, weights, y_true,
                                y_pred, weight, threshold);
    return;
  }
  const auto operands = kernel_operands(y_true, y_pred);
  const auto& t = operands.first;
  const auto& p = operands.second;
  const auto row_weight = weight ? weight->expand({rows, 1}).contiguous() : at::Tensor();

  // Chunks are of whole vectors.
  const auto chunk = std::max<std::int64_t>(256, rows_per_task(labels) / 64 * 64);
  const auto sums = dispatch_kernel_type(p.scalar_type(), [&]<class T>() {
    const kernels::cpu::FScoreInput<T> input{.y_true = kernel_data<T>(t),
                                             .y_pred = kernel_data<T>(p),
                                             .labels = labels,
                                             .row_weight = kernel_data<double>(row_weight),
                                             .has_threshold = threshold.has_value(),
                                             .threshold = threshold.value_or(0)};
    return chunked_sums<double>(3 * labels, rows, chunk, [&](auto begin, auto end, double* own) {
      kernels::cpu::add_f_score_counts(input, begin, end, own);
    });
  });
  for (std::int64_t label = 0; label < labels; ++label) {
    const auto right = sums[label];
    const auto wrong = sums[labels + label];
    const auto missed = sums[2 * labels + label];
    const auto add = [&](const at::Tensor& count, double more) {
      auto* to = count.mutable_data_ptr<double>();
      *(count.dim() == 0 ? to : to + label * count.stride(0)) += more;
    };
    add(true_positives, right);
    add(false_positives, wrong);
    add(false_negatives, missed);
    add(weights, right + missed);
  }
  for (const auto* count : {&true_positives, &false_positives, &false_negatives, &weights}) {
    bump_version(*count);
  }
}

TORCH_LIBRARY_FRAGMENT(assay, library) {
  define_with_cpu_kernel(
      library,
      "add_f_score_counts_(Tensor(a!) true_positives, Tensor(b!) false_positives, Tensor(c!) "
      "false_negatives, Tensor(d!) weights, Tensor y_true, Tensor y_pred, Tensor? weight=None, "
      "float? threshold=None) -> ()",
      &add_f_score_counts_composed, &add_f_score_counts_cpu);
}

}  // namespace

void add_f_score_counts(const FScoreCounts& counts, const at::Tensor& y_true,
                        const at::Tensor& y_pred, const at::Tensor& weight,
                        OptionalDouble threshold) {
  static const auto handle =
      operator_handle<decltype(add_f_score_counts_cpu)>("add_f_score_counts_");
  handle.call(counts.true_positives, counts.false_positives, counts.false_negatives, counts.weights,
              y_true, y_pred, optional(weight), threshold);
}

}  // namespace assay
