// SPDX-License-Identifier: Apache-2.0
#include <assay/core/fused_operator.h>
#include <assay/core/labels.h>
#include <assay/core/probabilities.h>
#include <assay/losses/loss-inl.h>
#include <assay/losses/sparse_categorical_crossentropy.h>

namespace assay::losses {
namespace {

using OptionalInt = std::optional<std::int64_t>;

struct Formula {
  static constexpr auto name = "sparse_categorical_crossentropy";
  static constexpr auto options =
      ", bool from_logits=False, int? ignore_class=None, int axis=-1, float label_smoothing=0.0";

  static at::Tensor composed(const at::Tensor& y_true, const at::Tensor& y_pred, bool from_logits,
                             OptionalInt ignore_class, std::int64_t axis, double label_smoothing) {
    axis = class_axis(y_pred, axis);
    const auto classes = y_pred.size(axis);
    auto labels = sparse_labels(y_true, y_pred, axis);
    check_label_range(labels, classes, ignore_class);
    auto scores = y_pred;
    at::Tensor keep;
    if (ignore_class) {
      keep = labels.ne(*ignore_class);
      labels = at::where(keep, labels, 0);
      // An ignored row is dropped here, so that a NaN in it reaches neither value nor gradient.
      scores = at::where(keep.unsqueeze(axis), scores, at::zeros_like(scores));
    }
    if (!from_logits) scores = clip_probabilities(scores).log();
    const auto log_p = at::log_softmax(scores, axis);
    auto values = -log_p.gather(axis, labels.unsqueeze(axis)).squeeze(axis);
    if (label_smoothing != 0) {
      values = values * (1 - label_smoothing) - log_p.mean(axis) * label_smoothing;
    }
    return keep.defined() ? at::where(keep, values, at::zeros_like(values)) : values;
  }
};

using Operator = FusedOperator<Formula, bool, OptionalInt, std::int64_t, double>;

TORCH_LIBRARY_FRAGMENT(assay, library) { Operator::define(library); }

}  // namespace

at::Tensor sparse_categorical_crossentropy(const at::Tensor& y_true, const at::Tensor& y_pred,
                                           bool from_logits, OptionalInt ignore_class,
                                           std::int64_t axis, double label_smoothing) {
  const auto labels = sparse_labels(y_true, y_pred, axis);
  return Operator::call(labels, y_pred, from_logits, ignore_class, axis, label_smoothing);
}

LossValues SparseCategoricalCrossentropyImpl::call(const at::Tensor& y_true,
                                                   const at::Tensor& y_pred) const {
  const auto& o = options();
  const auto labels = sparse_labels(y_true, y_pred, o.axis);
  return {Operator::call(labels, y_pred, o.from_logits, o.ignore_class, o.axis, o.label_smoothing),
          o.ignore_class ? labels.ne(*o.ignore_class) : at::Tensor()};
}

void register_sparse_categorical_crossentropy(LossRegistry& registry) {
  registry.add<SparseCategoricalCrossentropyImpl>();
}

}  // namespace assay::losses
