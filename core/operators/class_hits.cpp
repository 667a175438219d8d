// SPDX-License-Identifier: Apache-2.0
#include <assay/core/kernels/cpu/class_hits.h>
#include <assay/core/labels.h>
#include <assay/core/operators/class_hits.h>
#include <assay/core/operators/kernel_input.h>
#include <assay/core/operators/operator_handle.h>

#include <atomic>
#include <optional>
#include <vector>

namespace assay {
namespace {

using kernels::cpu::AxisLayout;
using kernels::cpu::ClassScores;

// Labels are in range, or kNoClass.
void check_class_range(const at::Tensor& labels, std::int64_t classes) {
  if (!labels.is_cpu()) return;
  check_label_range(labels.masked_fill(labels.eq(kNoClass), 0), classes, std::nullopt);
}

at::Tensor argmax_hits_composed(const at::Tensor& labels, const at::Tensor& scores) {
  check_class_range(labels, scores.size(-1));
  return labels.eq(scores.argmax(-1)).logical_and(rows_without_nan(scores)).to(at::kFloat);
}

at::Tensor top_k_hits_composed(const at::Tensor& labels, const at::Tensor& scores, std::int64_t k) {
  check_class_range(labels, scores.size(-1));
  const auto own = scores.gather(-1, labels.clamp_min(0).unsqueeze(-1));
  const auto found = scores.gt(own).sum(-1).lt(k);
  return found.logical_and(rows_without_nan(scores)).logical_and(labels.ge(0)).to(at::kFloat);
}

at::Tensor row_argmax_composed(const at::Tensor& scores, std::int64_t axis) {
  return scores.argmax(axis).masked_fill(scores.isnan().any(axis), kNoClass);
}

// Integers are compared as float64, which holds them up to 2^53.
at::Tensor score_operand(const at::Tensor& scores) {
  return at::isFloatingType(scores.scalar_type()) ? kernel_operand(scores)
                                                  : scores.to(at::kDouble).contiguous();
}

// Runs kernel(input, begin, end, hit), which returns -1 or a bad row, on all rows.
template <class Kernel>
at::Tensor hits_of(const at::Tensor& labels, const at::Tensor& given_scores, const Kernel& kernel) {
  const auto scores = score_operand(given_scores);
  const auto classes = scores.size(-1);
  const auto own_labels = labels.contiguous();
  const auto result = at::empty(labels.sizes(), scores.options().dtype(at::kFloat));
  std::atomic<bool> bad_label = false;
  dispatch_kernel_type(scores.scalar_type(), [&]<class T>() {
    const ClassScores<T> input{.scores = kernel_data<T>(scores),
                               .layout = AxisLayout::contiguous(classes),
                               .labels = own_labels.const_data_ptr<std::int64_t>()};
    auto* hit = mutable_kernel_data<float>(result);
    parallel_for(0, labels.numel(), rows_per_task(classes),
                 [&](std::int64_t begin, std::int64_t end) {
                   if (kernel(input, begin, end, hit) >= 0) bad_label = true;
                 });
  });
  if (bad_label) check_class_range(labels, classes);
  return result;
}

at::Tensor argmax_hits_cpu(const at::Tensor& labels, const at::Tensor& scores) {
  return hits_of(labels, scores, [](const auto& input, auto begin, auto end, float* hit) {
    return kernels::cpu::argmax_hits(input, begin, end, hit);
  });
}

at::Tensor top_k_hits_cpu(const at::Tensor& labels, const at::Tensor& scores, std::int64_t k) {
  return hits_of(labels, scores, [k](const auto& input, auto begin, auto end, float* hit) {
    return kernels::cpu::top_k_hits(input, k, begin, end, hit);
  });
}

at::Tensor row_argmax_cpu(const at::Tensor& given_scores, std::int64_t axis) {
  const auto scores = score_operand(given_scores);
  axis = class_axis(scores, axis);
  const auto classes = scores.size(axis);
  auto shape = scores.sizes().vec();
  shape.erase(shape.begin() + axis);
  const auto result = at::empty(shape, scores.options().dtype(at::kLong));
  if (result.numel() == 0) return result;
  const auto inner = c10::multiply_integers(scores.sizes().slice(axis + 1));
  dispatch_kernel_type(scores.scalar_type(), [&]<class T>() {
    const ClassScores<T> input{.scores = kernel_data<T>(scores),
                               .layout = AxisLayout::contiguous(classes, inner)};
    auto* argmax = mutable_kernel_data<std::int64_t>(result);
    parallel_for(0, result.numel(), rows_per_task(classes),
                 [&](std::int64_t begin, std::int64_t end) {
                   kernels::cpu::row_argmax(input, begin, end, argmax);
                 });
  });
  return result;
}

at::Tensor binary_hits_composed(const at::Tensor& y_true, const at::Tensor& y_pred,
                                double threshold) {
  const auto hits = y_true.eq(y_pred.gt(threshold)).logical_and(y_pred.eq(y_pred));
  return hits.to(at::kFloat);
}

at::Tensor binary_hits_cpu(const at::Tensor& y_true, const at::Tensor& y_pred, double threshold) {
  const auto operands = kernel_operands(y_true, y_pred);
  const auto& t = operands.first;
  const auto& p = operands.second;
  const auto result = at::empty(p.sizes(), p.options().dtype(at::kFloat));
  dispatch_kernel_type(p.scalar_type(), [&]<class T>() {
    auto bound = static_cast<kernels::cpu::Compute<T>>(threshold);
    if (y_pred.scalar_type() == at::kHalf) bound = static_cast<float>(at::Half(bound));
    if (y_pred.scalar_type() == at::kBFloat16) bound = static_cast<float>(at::BFloat16(bound));
    const auto* t_data = kernel_data<T>(t);
    const auto* p_data = kernel_data<T>(p);
    auto* hit = mutable_kernel_data<float>(result);
    parallel_for(0, p.numel(), rows_per_task(1), [&](std::int64_t begin, std::int64_t end) {
      kernels::cpu::binary_hits(t_data + begin, p_data + begin, end - begin, bound, hit + begin);
    });
  });
  return result;
}

// The classes of scores that are held, so that no others can take their memory.
struct KnownArgmax {
  at::Tensor scores;
  std::int64_t version;
  std::int64_t axis;
  at::Tensor argmax;

  // Views of the same numbers are the same scores.
  bool is_of(const at::Tensor& others, std::int64_t other_axis) const {
    return axis == other_axis && scores.is_alias_of(others) &&
           scores.storage_offset() == others.storage_offset() &&
           scores.scalar_type() == others.scalar_type() && scores.sizes() == others.sizes() &&
           scores.strides() == others.strides() && scores._version() == version &&
           others._version() == version;
  }
};
thread_local std::optional<std::vector<KnownArgmax>> known_argmax;

TORCH_LIBRARY_FRAGMENT(assay, library) {
  define_with_cpu_kernel(library, "argmax_hits(Tensor labels, Tensor scores) -> Tensor",
                         &argmax_hits_composed, &argmax_hits_cpu);
  define_with_cpu_kernel(library, "top_k_hits(Tensor labels, Tensor scores, int k) -> Tensor",
                         &top_k_hits_composed, &top_k_hits_cpu);
  define_with_cpu_kernel(library, "row_argmax(Tensor scores, int axis=-1) -> Tensor",
                         &row_argmax_composed, &row_argmax_cpu);
  define_with_cpu_kernel(library,
                         "binary_hits(Tensor y_true, Tensor y_pred, float threshold) -> Tensor",
                         &binary_hits_composed, &binary_hits_cpu);
}

}  // namespace

at::Tensor argmax_hits(const at::Tensor& labels, const at::Tensor& scores) {
  static const auto handle = operator_handle<decltype(argmax_hits_cpu)>("argmax_hits");
  return handle.call(labels, scores);
}

at::Tensor top_k_hits(const at::Tensor& labels, const at::Tensor& scores, std::int64_t k) {
  static const auto handle = operator_handle<decltype(top_k_hits_cpu)>("top_k_hits");
  return handle.call(labels, scores, k);
}

at::Tensor row_argmax(const at::Tensor& scores, std::int64_t axis) {
  static const auto handle = operator_handle<decltype(row_argmax_cpu)>("row_argmax");
  if (!known_argmax || scores.is_inference() || !scores.has_storage()) {
    return handle.call(scores, axis);
  }
  for (const auto& known : *known_argmax) {
    if (known.is_of(scores, axis)) return known.argmax;
  }
  known_argmax->push_back({.scores = scores,
                           .version = scores._version(),
                           .axis = axis,
                           .argmax = handle.call(scores, axis)});
  return known_argmax->back().argmax;
}

SharedArgmax::SharedArgmax() : is_outermost_(!known_argmax) {
  if (is_outermost_) known_argmax.emplace();
}

SharedArgmax::~SharedArgmax() {
  if (is_outermost_) known_argmax.reset();
}

at::Tensor binary_hits(const at::Tensor& y_true, const at::Tensor& y_pred, double threshold) {
  static const auto handle = operator_handle<decltype(binary_hits_cpu)>("binary_hits");
  return handle.call(y_true, y_pred, threshold);
}

}  // namespace assay
