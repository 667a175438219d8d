// SPDX-License-Identifier: Apache-2.0
#include <assay/core/class_targets.h>
#include <assay/core/operators/fused_operator.h>
#include <assay/core/operators/sparse_crossentropy.h>
#include <assay/core/probabilities.h>
#include <assay/losses/loss-inl.h>
#include <assay/losses/sparse_categorical_crossentropy.h>

namespace assay::losses {
namespace {

using OptionalInt = std::optional<std::int64_t>;
using OptionalTensor = std::optional<at::Tensor>;

struct SparseCategoricalCrossentropyFormula {
  static constexpr auto name = "sparse_categorical_crossentropy";
  static constexpr int statistics = 2;
  static constexpr auto options =
      ", bool from_logits=False, int? ignore_class=None, int axis=-1, float label_smoothing=0.0, "
      "Tensor? class_weight=None";

  static at::Tensor composed(const at::Tensor& y_true, const at::Tensor& y_pred, bool from_logits,
                             OptionalInt ignore_class, std::int64_t axis, double label_smoothing,
                             OptionalTensor class_weight) {
    axis = class_axis(y_pred, axis);
    const auto rows = sparse_rows(y_true, y_pred, axis, ignore_class);
    const auto scores = from_logits ? rows.y_pred : clip_probabilities(rows.y_pred).log();
    return label_costs(rows, at::log_softmax(scores, axis), axis, label_smoothing, class_weight,
                       [](const at::Tensor& log_p) { return -log_p; });
  }
};

using SparseCategoricalCrossentropyOperator =
    FusedOperator<SparseCategoricalCrossentropyFormula, bool, OptionalInt, std::int64_t, double,
                  OptionalTensor>;

std::vector<at::Tensor> forward_cpu(const at::Tensor& y_true, const at::Tensor& y_pred,
                                    bool from_logits, OptionalInt ignore_class, std::int64_t axis,
                                    double label_smoothing, OptionalTensor class_weight) {
  return sparse_crossentropy_forward_cpu(
      y_true, y_pred, {from_logits, ignore_class, axis, label_smoothing, class_weight});
}

at::Tensor backward_cpu(const at::Tensor& grad, const at::Tensor& y_true, const at::Tensor& y_pred,
                        at::TensorList statistics, bool from_logits, OptionalInt ignore_class,
                        std::int64_t axis, double label_smoothing, OptionalTensor class_weight) {
  return sparse_crossentropy_backward_cpu(
      grad, y_true, y_pred, statistics,
      {from_logits, ignore_class, axis, label_smoothing, class_weight});
}

TORCH_LIBRARY_FRAGMENT(assay, library) {
  SparseCategoricalCrossentropyOperator::define(library);
  SparseCategoricalCrossentropyOperator::implement(library, c10::DispatchKey::CPU, &forward_cpu,
                                                   &backward_cpu);
}

}  // namespace

at::Tensor sparse_categorical_crossentropy(const at::Tensor& y_true, const at::Tensor& y_pred,
                                           bool from_logits, OptionalInt ignore_class,
                                           std::int64_t axis, double label_smoothing,
                                           const ClassWeight& class_weight) {
  const auto labels = sparse_labels(y_true, y_pred, axis);
  return SparseCategoricalCrossentropyOperator::call(
      labels, y_pred, from_logits, ignore_class, axis, label_smoothing,
      class_weight.tensor(y_pred.size(axis), y_pred));
}

LossValues SparseCategoricalCrossentropyImpl::call(const at::Tensor& y_true,
                                                   const at::Tensor& y_pred) const {
  const auto& o = options();
  const auto labels = sparse_labels(y_true, y_pred, o.axis);
  return {sparse_categorical_crossentropy(labels, y_pred, o.from_logits, o.ignore_class, o.axis,
                                          o.label_smoothing, o.class_weight),
          o.ignore_class ? labels.ne(*o.ignore_class) : at::Tensor(), /*masked_are_ignored=*/true};
}

void register_sparse_categorical_crossentropy(LossRegistry& registry) {
  registry.add<SparseCategoricalCrossentropyImpl>();
}

}  // namespace assay::losses
