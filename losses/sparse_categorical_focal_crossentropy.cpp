// SPDX-License-Identifier: Apache-2.0
#include <assay/core/class_targets.h>
#include <assay/core/operators/focal.h>
#include <assay/core/operators/fused_operator.h>
#include <assay/losses/loss-inl.h>
#include <assay/losses/sparse_categorical_crossentropy.h>
#include <assay/losses/sparse_categorical_focal_crossentropy.h>

namespace assay::losses {
namespace {

using OptionalInt = std::optional<std::int64_t>;
using OptionalTensor = std::optional<at::Tensor>;

struct SparseCategoricalFocalCrossentropyFormula {
  static constexpr auto name = "sparse_categorical_focal_crossentropy";
  static constexpr auto options =
      ", float alpha=0.25, float gamma=2.0, bool from_logits=False, int? ignore_class=None, "
      "int axis=-1, float label_smoothing=0.0, Tensor? class_weight=None";

  static at::Tensor composed(const at::Tensor& y_true, const at::Tensor& y_pred, double alpha,
                             double gamma, bool from_logits, OptionalInt ignore_class,
                             std::int64_t axis, double label_smoothing,
                             OptionalTensor class_weight) {
    axis = class_axis(y_pred, axis);
    if (from_logits && label_smoothing == 0) {
      // A function of the label's chance alone, whose logarithm the cross-entropy has a kernel for.
      const auto cost = sparse_categorical_crossentropy(y_true, y_pred, true, ignore_class, axis);
      auto values = (alpha * focal_cost(-cost.to(at::kDouble), gamma)).to(cost.scalar_type());
      if (!class_weight) return values;
      const auto labels = sparse_labels(y_true, y_pred, axis);
      return values * class_weight->take(
                          ignore_class ? labels.masked_fill(labels.eq(*ignore_class), 0) : labels);
    }
    const auto rows = sparse_rows(y_true, y_pred, axis, ignore_class);
    const auto log_p = focal_log(rows.y_pred, from_logits, axis);
    return label_costs(rows, log_p, axis, label_smoothing, class_weight,
                       [&](const at::Tensor& x) { return alpha * focal_cost(x, gamma); })
        .to(y_pred.scalar_type());
  }
};

using SparseCategoricalFocalCrossentropyOperator =
    FusedOperator<SparseCategoricalFocalCrossentropyFormula, double, double, bool, OptionalInt,
                  std::int64_t, double, OptionalTensor>;

TORCH_LIBRARY_FRAGMENT(assay, library) {
  SparseCategoricalFocalCrossentropyOperator::define(library);
}

}  // namespace

at::Tensor sparse_categorical_focal_crossentropy(const at::Tensor& y_true, const at::Tensor& y_pred,
                                                 const NumberOrList& alpha, double gamma,
                                                 bool from_logits, OptionalInt ignore_class,
                                                 std::int64_t axis, double label_smoothing,
                                                 const ClassWeight& class_weight) {
  const auto labels = sparse_labels(y_true, y_pred, axis);
  return SparseCategoricalFocalCrossentropyOperator::call(
      labels, y_pred, alpha.is_list() ? 1.0 : alpha.numbers().front(), gamma, from_logits,
      ignore_class, axis, label_smoothing,
      focal_class_weight(alpha, class_weight, y_pred.size(axis), y_pred));
}

LossValues SparseCategoricalFocalCrossentropyImpl::call(const at::Tensor& y_true,
                                                        const at::Tensor& y_pred) const {
  const auto& o = options();
  const auto labels = sparse_labels(y_true, y_pred, o.axis);
  return {sparse_categorical_focal_crossentropy(labels, y_pred, o.alpha, o.gamma, o.from_logits,
                                                o.ignore_class, o.axis, o.label_smoothing,
                                                o.class_weight),
          o.ignore_class ? labels.ne(*o.ignore_class) : at::Tensor(), /*masked_are_ignored=*/true};
}

void register_sparse_categorical_focal_crossentropy(LossRegistry& registry) {
  registry.add<SparseCategoricalFocalCrossentropyImpl>();
}

}  // namespace assay::losses
