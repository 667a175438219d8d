// SPDX-License-Identifier: Apache-2.0
#include <assay/core/elementwise.h>
#include <assay/core/probabilities.h>
#include <assay/losses/binary_crossentropy.h>
#include <assay/losses/loss-inl.h>

namespace assay::losses {
namespace {

struct Formula {
  static constexpr auto name = "binary_crossentropy";
  static constexpr auto options =
      ", bool from_logits=False, float label_smoothing=0.0, float pos_weight=1.0";

  static at::Tensor composed(const at::Tensor& y_true, const at::Tensor& y_pred, bool from_logits,
                             double label_smoothing, double pos_weight) {
    check_same_shape(y_true, y_pred);
    const auto t = y_true * (1 - label_smoothing) + label_smoothing / 2;
    if (from_logits) {
      return mean_over_last_axis((1 - t) * y_pred -
                                 (1 + (pos_weight - 1) * t) * at::log_sigmoid(y_pred));
    }
    const auto p = clip_probabilities(y_pred);
    return mean_over_last_axis(-(pos_weight * t * p.log() + (1 - t) * (1 - p).log()));
  }
};

using Operator = FusedOperator<Formula, bool, double, double>;

TORCH_LIBRARY_FRAGMENT(assay, library) { Operator::define(library); }

}  // namespace

at::Tensor binary_crossentropy(const at::Tensor& y_true, const at::Tensor& y_pred,
                               bool from_logits, double label_smoothing, std::int64_t axis,
                               double pos_weight) {
  const auto [t, p] = align_same_shape(y_true, y_pred);
  return Operator::call(axis_last(t, axis), axis_last(p, axis), from_logits, label_smoothing,
                        pos_weight);
}

LossValues BinaryCrossentropyImpl::call(const at::Tensor& y_true, const at::Tensor& y_pred) const {
  const auto& o = options();
  return {binary_crossentropy(y_true, y_pred, o.from_logits, o.label_smoothing, o.axis,
                              o.pos_weight)};
}

void register_binary_crossentropy(LossRegistry& registry) {
  registry.add<BinaryCrossentropyImpl>({"bce", "BCE"});
}

}  // namespace assay::losses
