// SPDX-License-Identifier: Apache-2.0
#include <assay/core/elementwise.h>
#include <assay/core/labels.h>
#include <assay/core/probabilities.h>
#include <assay/losses/categorical_crossentropy.h>
#include <assay/losses/loss-inl.h>

namespace assay::losses {
namespace {

struct Formula {
  static constexpr auto name = "categorical_crossentropy";
  static constexpr auto options =
      ", bool from_logits=False, float label_smoothing=0.0, int axis=-1";

  static at::Tensor composed(const at::Tensor& y_true, const at::Tensor& y_pred, bool from_logits,
                             double label_smoothing, std::int64_t axis) {
    check_same_shape(y_true, y_pred);
    axis = class_axis(y_pred, axis);
    auto target = y_true;
    if (label_smoothing != 0) {
      target = target * (1 - label_smoothing) +
               label_smoothing / static_cast<double>(y_pred.size(axis));
    }
    const auto log_p = from_logits ? at::log_softmax(y_pred, axis)
                                   : clip_probabilities(normalized(y_pred, axis)).log();
    return -(target * log_p).sum(axis);
  }
};

using Operator = FusedOperator<Formula, bool, double, std::int64_t>;

TORCH_LIBRARY_FRAGMENT(assay, library) { Operator::define(library); }

}  // namespace

at::Tensor categorical_crossentropy(const at::Tensor& y_true, const at::Tensor& y_pred,
                                    bool from_logits, double label_smoothing, std::int64_t axis) {
  const auto [t, p] = align_same_shape(y_true, y_pred);
  return Operator::call(t, p, from_logits, label_smoothing, axis);
}

LossValues CategoricalCrossentropyImpl::call(const at::Tensor& y_true,
                                             const at::Tensor& y_pred) const {
  const auto& o = options();
  return {categorical_crossentropy(y_true, y_pred, o.from_logits, o.label_smoothing, o.axis)};
}

void register_categorical_crossentropy(LossRegistry& registry) {
  registry.add<CategoricalCrossentropyImpl>();
}

}  // namespace assay::losses
