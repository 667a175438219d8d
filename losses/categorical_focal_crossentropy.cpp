// SPDX-License-Identifier: Apache-2.0
#include <assay/core/class_targets.h>
#include <assay/core/operators/focal.h>
#include <assay/core/operators/fused_operator.h>
#include <assay/core/probabilities.h>
#include <assay/core/shapes.h>
#include <assay/losses/categorical_focal_crossentropy.h>
#include <assay/losses/loss-inl.h>

namespace assay::losses {
namespace {

using OptionalTensor = std::optional<at::Tensor>;

struct CategoricalFocalCrossentropyFormula {
  static constexpr auto name = "categorical_focal_crossentropy";
  static constexpr auto options =
      ", float alpha=0.25, float gamma=2.0, bool from_logits=False, float label_smoothing=0.0, "
      "int axis=-1, Tensor? class_weight=None";

  static at::Tensor composed(const at::Tensor& y_true, const at::Tensor& y_pred, double alpha,
                             double gamma, bool from_logits, double label_smoothing,
                             std::int64_t axis, OptionalTensor class_weight) {
    check_same_shape(y_true, y_pred);
    axis = class_axis(y_pred, axis);
    const auto target = class_target(y_true, y_pred, axis, label_smoothing, class_weight);
    const auto log_p = finite_without_target(focal_log(y_pred, from_logits, axis), target);
    return (alpha * (target * focal_cost(log_p, gamma)).sum(axis)).to(y_pred.scalar_type());
  }
};

using CategoricalFocalCrossentropyOperator =
    FusedOperator<CategoricalFocalCrossentropyFormula, double, double, bool, double, std::int64_t,
                  OptionalTensor>;

TORCH_LIBRARY_FRAGMENT(assay, library) { CategoricalFocalCrossentropyOperator::define(library); }

}  // namespace

at::Tensor categorical_focal_crossentropy(const at::Tensor& y_true, const at::Tensor& y_pred,
                                          const NumberOrList& alpha, double gamma, bool from_logits,
                                          double label_smoothing, std::int64_t axis,
                                          const ClassWeight& class_weight) {
  const auto [t, p] = align_same_shape(y_true, y_pred);
  const auto classes = p.size(class_axis(p, axis));
  return CategoricalFocalCrossentropyOperator::call(
      t, p, alpha.is_list() ? 1.0 : alpha.numbers().front(), gamma, from_logits, label_smoothing,
      axis, focal_class_weight(alpha, class_weight, classes, p));
}

LossValues CategoricalFocalCrossentropyImpl::call(const at::Tensor& y_true,
                                                  const at::Tensor& y_pred) const {
  const auto& o = options();
  return {categorical_focal_crossentropy(y_true, y_pred, o.alpha, o.gamma, o.from_logits,
                                         o.label_smoothing, o.axis, o.class_weight)};
}

void register_categorical_focal_crossentropy(LossRegistry& registry) {
  registry.add<CategoricalFocalCrossentropyImpl>();
}

}  // namespace assay::losses
