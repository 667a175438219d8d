// SPDX-License-Identifier: Apache-2.0
#include <assay/core/operators/elementwise.h>
#include <assay/core/probabilities.h>
#include <assay/losses/binary_crossentropy.h>
#include <assay/losses/loss-inl.h>

namespace assay::losses {
namespace {

struct BinaryCrossentropyFormula {
  static constexpr auto name = "binary_crossentropy";
  static constexpr auto options =
      ", bool from_logits=False, float label_smoothing=0.0, float pos_weight=1.0";

  static at::Tensor elements(const at::Tensor& t, const at::Tensor& p, bool from_logits,
                             double label_smoothing, double pos_weight) {
    const auto one = t * (1 - label_smoothing) + label_smoothing / 2;
    const auto zero = 1 - one;
    const auto log_p = log_binary_probabilities(p, from_logits);
    return -(pos_weight * one * finite_without_target(log_p.first, one) +
             zero * finite_without_target(log_p.second, zero));
  }
  static ElementwiseKernel kernel(bool from_logits, double label_smoothing, double pos_weight) {
    return {
        kernels::cpu::Elementwise::kBinaryCrossentropy,
        {.from_logits = from_logits, .label_smoothing = label_smoothing, .pos_weight = pos_weight}};
  }
};

using BinaryCrossentropyOperator = MeanOperator<BinaryCrossentropyFormula, bool, double, double>;

TORCH_LIBRARY_FRAGMENT(assay, library) { BinaryCrossentropyOperator::define(library); }

}  // namespace

at::Tensor binary_crossentropy(const at::Tensor& y_true, const at::Tensor& y_pred, bool from_logits,
                               double label_smoothing, std::int64_t axis, double pos_weight) {
  return BinaryCrossentropyOperator::over_axis(axis, y_true, y_pred, from_logits, label_smoothing,
                                               pos_weight);
}

LossValues BinaryCrossentropyImpl::call(const at::Tensor& y_true, const at::Tensor& y_pred) const {
  const auto& o = options();
  return {
      binary_crossentropy(y_true, y_pred, o.from_logits, o.label_smoothing, o.axis, o.pos_weight)};
}

void register_binary_crossentropy(LossRegistry& registry) {
  registry.add<BinaryCrossentropyImpl>({"bce", "BCE"});
}

}  // namespace assay::losses
