// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <ATen/TensorSubclassLikeUtils.h>
#include <assay/core/dtype.h>
#include <assay/core/labels.h>
#include <assay/core/operators/linear_crossentropy.h>
#include <assay/core/operators/operator_handle.h>
#include <assay/core/shapes.h>
#include <assay/losses/linear_sparse_categorical_crossentropy.h>
#include <assay/losses/registry.h>
#include <assay/losses/sparse_categorical_crossentropy.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

namespace assay::losses {
namespace {

using OptionalInt = std::optional<std::int64_t>;
using OptionalTensor = std::optional<at::Tensor>;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

LinearCrossentropyInput linear_input(const at::Tensor& labels, const at::Tensor& hidden,
                                     const at::Tensor& weight, const OptionalTensor& bias,
                                     OptionalInt ignore_class, double label_smoothing) {
  return {.labels = labels.reshape(-1),
          .hidden = hidden.reshape({-1, hidden.size(-1)}),
          .weight = weight,
          .bias = bias.value_or(at::Tensor()),
          .ignore_class = ignore_class,
          .label_smoothing = label_smoothing};
}

// With stored logits: for other devices than the CPU, and for derivatives of second order.
at::Tensor linear_composed(const at::Tensor& labels, const at::Tensor& hidden,
                           const at::Tensor& weight, const OptionalTensor& bias,
                           OptionalInt ignore_class, double label_smoothing) {
  const auto dtype = compute_dtype(hidden.scalar_type());
  const auto rows = ignore_class ? at::where(labels.ne(*ignore_class).unsqueeze(-1), hidden,
                                             at::zeros({}, hidden.options()))
                                 : hidden;
  auto logits = at::matmul(rows.to(dtype), weight.to(dtype).t());
  if (bias) logits = logits + bias->to(dtype);
  return sparse_categorical_crossentropy(labels, logits, true, ignore_class, -1, label_smoothing);
}

bool runs_in_blocks(const at::Tensor& hidden) {
  return hidden.is_cpu() && !at::isTensorSubclassLike(hidden);
}

at::Tensor linear_without_autograd(const at::Tensor& labels, const at::Tensor& hidden,
                                   const at::Tensor& weight, const OptionalTensor& bias,
                                   OptionalInt ignore_class, double label_smoothing) {
  if (!runs_in_blocks(hidden)) {
    return linear_composed(labels, hidden, weight, bias, ignore_class, label_smoothing);
  }
  const auto input = linear_input(labels, hidden, weight, bias, ignore_class, label_smoothing);
  return linear_crossentropy_forward_cpu(input).values.view(labels.sizes());
}

class InBlocks : public torch::autograd::Function<InBlocks> {
 public:
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& labels,
                            const at::Tensor& hidden, const at::Tensor& weight,
                            const OptionalTensor& bias, OptionalInt ignore_class,
                            double label_smoothing) {
    const at::AutoDispatchBelowADInplaceOrView below_autograd;
    const auto input = linear_input(labels, hidden, weight, bias, ignore_class, label_smoothing);
    const auto rows = linear_crossentropy_forward_cpu(input);
    ctx->save_for_backward(
        {labels, hidden, weight, bias.value_or(at::Tensor()), rows.max, rows.sum});
    ctx->saved_data["ignore_class"] = ignore_class;
    ctx->saved_data["label_smoothing"] = label_smoothing;
    return rows.values.view(labels.sizes());
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const auto& labels = saved[0];
    const auto bias = optional(saved[3]);
    const auto ignore_class = ctx->saved_data["ignore_class"].to<OptionalInt>();
    const auto label_smoothing = ctx->saved_data["label_smoothing"].toDouble();
    const LinearCrossentropyWants wants{.hidden = ctx->needs_input_grad(1),
                                        .weight = ctx->needs_input_grad(2),
                                        .bias = bias && ctx->needs_input_grad(3)};
    variable_list result(6);
    if (!at::GradMode::is_enabled()) {
      const at::AutoDispatchBelowADInplaceOrView below_autograd;
      const auto input =
          linear_input(labels, saved[1], saved[2], bias, ignore_class, label_smoothing);
      const auto gradients = linear_crossentropy_backward_cpu(
          grads[0].reshape(-1), input, {.values = {}, .max = saved[4], .sum = saved[5]}, wants);
      if (wants.hidden) result[1] = gradients.hidden.view(saved[1].sizes());
      result[2] = gradients.weight;
      result[3] = gradients.bias;
      return result;
    }
    variable_list wanted;
    if (wants.hidden) wanted.push_back(saved[1]);
    if (wants.weight) wanted.push_back(saved[2]);
    if (wants.bias) wanted.push_back(saved[3]);
    const auto values =
        linear_composed(labels, saved[1], saved[2], bias, ignore_class, label_smoothing);
    const auto gradients = torch::autograd::grad({values}, wanted, {grads[0]}, true, true);
    std::size_t next = 0;
    if (wants.hidden) result[1] = gradients[next++];
    if (wants.weight) result[2] = gradients[next++];
    if (wants.bias) result[3] = gradients[next++];
    return result;
  }
};

at::Tensor linear_with_autograd(const at::Tensor& labels, const at::Tensor& hidden,
                                const at::Tensor& weight, const OptionalTensor& bias,
                                OptionalInt ignore_class, double label_smoothing) {
  if (!runs_in_blocks(hidden)) {
    return linear_composed(labels, hidden, weight, bias, ignore_class, label_smoothing);
  }
  return InBlocks::apply(labels, hidden, weight, bias, ignore_class, label_smoothing);
}

// Labels and classifier as the operator's implementations take them.
at::Tensor checked_linear_labels(const at::Tensor& y_true, const at::Tensor& hidden,
                                 const at::Tensor& weight, const OptionalTensor& bias,
                                 OptionalInt ignore_class) {
  TORCH_CHECK_VALUE(y_true.defined() && hidden.defined() && weight.defined(),
                    "y_true, hidden or weight is missing");
  TORCH_CHECK_VALUE(hidden.dim() > 0 && at::isFloatingType(hidden.scalar_type()), "hidden is ",
                    describe(hidden), "; expected floats [batch, d0 .. dN, features]");
  TORCH_CHECK_VALUE(weight.dim() == 2 && weight.size(0) > 0 && weight.size(1) == hidden.size(-1) &&
                        at::isFloatingType(weight.scalar_type()),
                    "weight is ", describe(weight), ", hidden has shape ", describe(hidden.sizes()),
                    "; expected floats [classes, features]");
  TORCH_CHECK_VALUE(!bias || (bias->dim() == 1 && bias->size(0) == weight.size(0) &&
                              at::isFloatingType(bias->scalar_type())),
                    "bias is ", bias ? describe(*bias) : "nothing", ", weight has shape ",
                    describe(weight.sizes()), "; expected floats [classes]");
  const auto device = hidden.device();
  TORCH_CHECK_VALUE(
      y_true.device() == device && weight.device() == device && (!bias || bias->device() == device),
      "hidden is on ", device, ", y_true on ", y_true.device(), ", weight on ", weight.device(),
      "; expected one device");
  const auto labels = sparse_labels(y_true, hidden, -1);
  check_label_range(labels, weight.size(0), ignore_class);
  return labels;
}

at::Tensor linear_call(const at::Tensor& y_true, const at::Tensor& hidden, const at::Tensor& weight,
                       const OptionalTensor& bias, OptionalInt ignore_class, double label_smoothing,
                       at::Tensor (*implementation)(const at::Tensor&, const at::Tensor&,
                                                    const at::Tensor&, const OptionalTensor&,
                                                    OptionalInt, double)) {
  TORCH_CHECK_VALUE(label_smoothing >= 0 && label_smoothing <= 1, "label_smoothing is ",
                    label_smoothing, "; expected a number in [0, 1]");
  const auto labels = checked_linear_labels(y_true, hidden, weight, bias, ignore_class);
  return implementation(labels, hidden, weight, bias, ignore_class, label_smoothing);
}

at::Tensor linear_below_autograd(const at::Tensor& y_true, const at::Tensor& hidden,
                                 const at::Tensor& weight, const OptionalTensor& bias,
                                 OptionalInt ignore_class, double label_smoothing) {
  return linear_call(y_true, hidden, weight, bias, ignore_class, label_smoothing,
                     &linear_without_autograd);
}

at::Tensor linear_at_autograd(const at::Tensor& y_true, const at::Tensor& hidden,
                              const at::Tensor& weight, const OptionalTensor& bias,
                              OptionalInt ignore_class, double label_smoothing) {
  return linear_call(y_true, hidden, weight, bias, ignore_class, label_smoothing,
                     &linear_with_autograd);
}

constexpr auto kLinearName = "linear_sparse_categorical_crossentropy";

TORCH_LIBRARY_FRAGMENT(assay, library) {
  library.def((std::string(kLinearName) +
               "(Tensor y_true, Tensor hidden, Tensor weight, "
               "Tensor? bias=None, int? ignore_class=None, float label_smoothing=0.0) -> Tensor")
                  .c_str());
  library.impl(kLinearName, torch::dispatch(c10::DispatchKey::CompositeExplicitAutograd,
                                            &linear_below_autograd));
  library.impl(kLinearName, torch::dispatch(c10::DispatchKey::Autograd, &linear_at_autograd));
}

}  // namespace

at::Tensor linear_sparse_categorical_crossentropy(const at::Tensor& y_true,
                                                  const at::Tensor& hidden,
                                                  const at::Tensor& weight, const at::Tensor& bias,
                                                  OptionalInt ignore_class,
                                                  double label_smoothing) {
  static const auto handle = operator_handle<decltype(linear_below_autograd)>(kLinearName);
  return handle.call(y_true, hidden, weight, optional(bias), ignore_class, label_smoothing);
}

LinearSparseCategoricalCrossentropyImpl::LinearSparseCategoricalCrossentropyImpl(Options options)
    : Module(options.name), options_(std::move(options)) {
  TORCH_CHECK_VALUE(options_.label_smoothing >= 0 && options_.label_smoothing <= 1,
                    "label_smoothing is ", options_.label_smoothing,
                    "; expected a number in [0, 1]");
}

at::Tensor LinearSparseCategoricalCrossentropyImpl::forward(const at::Tensor& y_true,
                                                            const at::Tensor& hidden,
                                                            const at::Tensor& weight,
                                                            const at::Tensor& bias,
                                                            const at::Tensor& sample_weight) const {
  const auto values = linear_sparse_categorical_crossentropy(
      y_true, hidden, weight, bias, options_.ignore_class, options_.label_smoothing);
  at::Tensor mask;
  if (options_.ignore_class) mask = sparse_labels(y_true, hidden, -1).ne(*options_.ignore_class);
  return reduce_weighted_values(values, sample_weight, mask, options_.reduction)
      .to(result_dtype(hidden));
}

LinearSparseCategoricalCrossentropy::LinearSparseCategoricalCrossentropy(Options options)
    : ModuleHolder(std::make_shared<LinearSparseCategoricalCrossentropyImpl>(std::move(options))) {}

// In no registry, which makes losses of labels and predictions alone.
void register_linear_sparse_categorical_crossentropy(LossRegistry&) {}

}  // namespace assay::losses
