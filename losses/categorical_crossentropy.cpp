// SPDX-License-Identifier: Apache-2.0
#include <assay/core/class_targets.h>
#include <assay/core/operators/dense_crossentropy.h>
#include <assay/core/operators/fused_operator.h>
#include <assay/core/probabilities.h>
#include <assay/core/shapes.h>
#include <assay/losses/categorical_crossentropy.h>
#include <assay/losses/loss-inl.h>

namespace assay::losses {
namespace {

using OptionalTensor = std::optional<at::Tensor>;

struct CategoricalCrossentropyFormula {
  static constexpr auto name = "categorical_crossentropy";
  static constexpr int statistics = 3;
  static constexpr auto options =
      ", bool from_logits=False, float label_smoothing=0.0, int axis=-1, Tensor? class_weight=None";

  static at::Tensor composed(const at::Tensor& y_true, const at::Tensor& y_pred, bool from_logits,
                             double label_smoothing, std::int64_t axis,
                             OptionalTensor class_weight) {
    check_same_shape(y_true, y_pred);
    axis = class_axis(y_pred, axis);
    const auto target = class_target(y_true, y_pred, axis, label_smoothing, class_weight);
    const auto log_p = log_probabilities(y_pred, from_logits, axis);
    return -(target * (from_logits ? finite_without_target(log_p, target) : log_p)).sum(axis);
  }
};

using CategoricalCrossentropyOperator =
    FusedOperator<CategoricalCrossentropyFormula, bool, double, std::int64_t, OptionalTensor>;

std::vector<at::Tensor> forward_cpu(const at::Tensor& y_true, const at::Tensor& y_pred,
                                    bool from_logits, double label_smoothing, std::int64_t axis,
                                    OptionalTensor class_weight) {
  return dense_crossentropy_forward_cpu(y_true, y_pred,
                                        {from_logits, label_smoothing, axis, class_weight});
}

at::Tensor backward_cpu(const at::Tensor& grad, const at::Tensor& y_true, const at::Tensor& y_pred,
                        at::TensorList statistics, bool from_logits, double label_smoothing,
                        std::int64_t axis, OptionalTensor class_weight) {
  return dense_crossentropy_backward_cpu(grad, y_true, y_pred, statistics,
                                         {from_logits, label_smoothing, axis, class_weight});
}

TORCH_LIBRARY_FRAGMENT(assay, library) {
  CategoricalCrossentropyOperator::define(library);
  CategoricalCrossentropyOperator::implement(library, c10::DispatchKey::CPU, &forward_cpu,
                                             &backward_cpu);
}

}  // namespace

at::Tensor categorical_crossentropy(const at::Tensor& y_true, const at::Tensor& y_pred,
                                    bool from_logits, double label_smoothing, std::int64_t axis,
                                    const ClassWeight& class_weight) {
  const auto [t, p] = align_same_shape(y_true, y_pred);
  const auto classes = p.size(class_axis(p, axis));
  return CategoricalCrossentropyOperator::call(t, p, from_logits, label_smoothing, axis,
                                               class_weight.tensor(classes, p));
}

LossValues CategoricalCrossentropyImpl::call(const at::Tensor& y_true,
                                             const at::Tensor& y_pred) const {
  const auto& o = options();
  return {categorical_crossentropy(y_true, y_pred, o.from_logits, o.label_smoothing, o.axis,
                                   o.class_weight)};
}

void register_categorical_crossentropy(LossRegistry& registry) {
  registry.add<CategoricalCrossentropyImpl>();
}

}  // namespace assay::losses
