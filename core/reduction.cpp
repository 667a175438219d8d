// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <ATen/TensorSubclassLikeUtils.h>
#include <assay/core/operators/operator_handle.h>
#include <assay/core/operators/weighted_sums.h>
#include <assay/core/reduction.h>
#include <assay/core/shapes.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <optional>

namespace assay {
namespace {

// sum / count, and 0 where nothing was counted.
at::Tensor quotient(const at::Tensor& sum, const at::Tensor& count) {
  const auto nothing = count.eq(0);
  return at::where(nothing, at::zeros_like(sum), sum / at::where(nothing, 1.0, count));
}

at::Tensor sum_in_double(const at::Tensor& values) { return values.sum(at::kDouble); }

// What a mean divides by, in float64.
at::Tensor divisor_of(const at::Tensor& values, const at::Tensor& weight, const at::Tensor& keep,
                      Reduction reduction) {
  if (reduction == Reduction::kMeanWithSampleWeight && weight.defined()) {
    auto counted = weight.expand_as(values);
    if (keep.defined()) counted = at::where(keep, counted, at::zeros_like(counted));
    return sum_in_double(counted);
  }
  if (keep.defined()) return keep.expand_as(values).sum().to(at::kDouble);
  return at::scalar_tensor(static_cast<double>(values.numel()),
                           values.options().dtype(at::kDouble));
}

at::Tensor reduce_composed(const at::Tensor& values, const at::Tensor& weight,
                           const at::Tensor& keep, Reduction reduction) {
  auto weighted = weight.defined() ? values * weight : values;
  // `where`, since 0 * inf is NaN.
  if (keep.defined()) weighted = at::where(keep, weighted, at::zeros_like(weighted));
  if (reduction == Reduction::kNone) return weighted;

  const auto sum = sum_in_double(weighted);
  if (reduction == Reduction::kSum) return sum.to(values.scalar_type());

  const bool weighs = reduction == Reduction::kMeanWithSampleWeight && weight.defined();
  if (!weighs && !keep.defined()) {
    if (values.numel() == 0) return sum.to(values.scalar_type());
    return (sum / static_cast<double>(values.numel())).to(values.scalar_type());
  }
  return quotient(sum, divisor_of(values, weight, keep, reduction)).to(values.scalar_type());
}

// On the CPU all is one pass over the values, and the gradient of a mean is one number expanded.
class ReduceOnCpu : public torch::autograd::Function<ReduceOnCpu> {
 public:
  struct Result {
    at::Tensor value;
    double scale;  // 1 / divisor, or 0
  };

  static Result reduce(const at::Tensor& values, const at::Tensor& weight, const at::Tensor& keep,
                       Reduction reduction) {
    const auto sums = weighted_sums_cpu(values, weight, keep);
    double divisor = 1;
    if (reduction == Reduction::kMeanWithSampleWeight && weight.defined()) {
      divisor = sums.weight;
    } else if (reduction != Reduction::kSum) {
      divisor = static_cast<double>(sums.count);
    }
    const double value = divisor == 0 ? 0 : sums.value / divisor;
    return {at::scalar_tensor(value, values.options()), divisor == 0 ? 0 : 1 / divisor};
  }

  static at::Tensor forward(torch::autograd::AutogradContext* ctx, const at::Tensor& values,
                            const std::optional<at::Tensor>& given_weight,
                            const std::optional<at::Tensor>& given_keep, Reduction reduction,
                            bool masked_are_ignored) {
    const at::AutoDispatchBelowADInplaceOrView below_autograd;
    const auto weight = given_weight.value_or(at::Tensor());
    const auto keep = given_keep.value_or(at::Tensor());
    const auto result = reduce(values, weight, keep, reduction);
    ctx->save_for_backward({values, weight, keep});
    ctx->saved_data["reduction"] = static_cast<std::int64_t>(reduction);
    ctx->saved_data["scale"] = result.scale;
    ctx->saved_data["masked are ignored"] = masked_are_ignored;
    return result.value;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* ctx,
                                                 torch::autograd::variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const auto& values = saved[0];
    const auto& weight = saved[1];
    const auto& keep = saved[2];
    torch::autograd::variable_list result(5);
    const bool wants_weight = weight.defined() && ctx->needs_input_grad(1);
    if (at::GradMode::is_enabled() || wants_weight) {
      const bool higher_order = at::GradMode::is_enabled();
      const at::AutoGradMode with_grad(true);
      const auto reduction = static_cast<Reduction>(ctx->saved_data["reduction"].toInt());
      torch::autograd::variable_list wanted;
      if (ctx->needs_input_grad(0)) wanted.push_back(values);
      if (wants_weight) wanted.push_back(weight);
      const auto value = reduce_composed(values, weight, keep, reduction);
      const auto gradients = torch::autograd::grad({value}, wanted, {grads[0]}, true, higher_order);
      if (ctx->needs_input_grad(0)) result[0] = gradients.front();
      if (wants_weight) result[1] = gradients.back();
      return result;
    }
    auto gradient = grads[0] * ctx->saved_data["scale"].toDouble();
    if (weight.defined()) gradient = gradient * weight;
    const bool is_masked = keep.defined() && !ctx->saved_data["masked are ignored"].toBool();
    if (is_masked) gradient = at::where(keep, gradient, at::zeros({}, gradient.options()));
    result[0] = gradient.expand_as(values);
    return result;
  }
};

bool needs_gradient(const at::Tensor& tensor) { return tensor.defined() && tensor.requires_grad(); }

}  // namespace

const std::vector<std::pair<std::string, Reduction>>& reduction_names() {
  static const std::vector<std::pair<std::string, Reduction>> names = {
      {"sum_over_batch_size", Reduction::kSumOverBatchSize},
      {"mean", Reduction::kSumOverBatchSize},
      {"sum", Reduction::kSum},
      {"mean_with_sample_weight", Reduction::kMeanWithSampleWeight},
      {"none", Reduction::kNone},
  };
  return names;
}

std::string to_string(Reduction reduction) {
  for (const auto& [name, value] : reduction_names()) {
    if (value == reduction) return name;
  }
  TORCH_INTERNAL_ASSERT(false, "unnamed reduction");
}

namespace {

/// Values with weight and mask in shapes that fit them.
struct Aligned {
  at::Tensor values;
  at::Tensor weight;
  at::Tensor keep;
  bool reduces;
};

Aligned aligned(const at::Tensor& unreduced, const at::Tensor& sample_weight,
                const at::Tensor& mask) {
  // A weight [batch, 1] gives values [batch] its shape; a mask was made for the values as they
  // were.
  const bool column = sample_weight.defined() && unreduced.dim() == 1 && sample_weight.dim() == 2 &&
                      sample_weight.size(1) == 1;
  const auto values = column ? unreduced.unsqueeze(1) : unreduced;
  const auto keep = mask.defined() ? align_mask(mask, values) : at::Tensor();
  const auto weight =
      sample_weight.defined() ? align_sample_weight(sample_weight, values) : at::Tensor();

  const bool irreducible = values.dim() == 0 || (values.dim() == 1 && values.size(0) == 0);
  return {values, weight, keep, !irreducible};
}

}  // namespace

WeightedSum sum_weighted_values(const at::Tensor& unreduced, const at::Tensor& sample_weight,
                                const at::Tensor& mask, Reduction reduction) {
  const auto sum = reduction == Reduction::kNone ? Reduction::kNone : Reduction::kSum;
  WeightedSum result = {.sum = reduce_weighted_values(unreduced, sample_weight, mask, sum),
                        .divisor = {}};
  const auto [values, weight, keep, reduces] = aligned(unreduced, sample_weight, mask);
  if (sum == Reduction::kNone || reduction == Reduction::kSum || !reduces) return result;
  const at::NoGradGuard no_grad;
  result.divisor = divisor_of(values.detach(), weight, keep, reduction);
  const bool weighs = reduction == Reduction::kMeanWithSampleWeight && sample_weight.defined();
  result.divides_by_samples = unreduced.dim() == 1 && !mask.defined() && !weighs;
  return result;
}

at::Tensor reduce_weighted_values(const at::Tensor& unreduced, const at::Tensor& sample_weight,
                                  const at::Tensor& mask, Reduction reduction,
                                  bool masked_are_ignored) {
  const auto [values, weight, keep, reduces] = aligned(unreduced, sample_weight, mask);
  if (!reduces) reduction = Reduction::kNone;
  if (reduction == Reduction::kNone || !values.is_cpu() || values.numel() == 0 ||
      at::isTensorSubclassLike(values)) {
    return reduce_composed(values, weight, keep, reduction);
  }
  if (at::GradMode::is_enabled() && (needs_gradient(values) || needs_gradient(weight))) {
    return ReduceOnCpu::apply(values, optional(weight), optional(keep), reduction,
                              masked_are_ignored);
  }
  return ReduceOnCpu::reduce(values, weight, keep, reduction).value;
}

}  // namespace assay
