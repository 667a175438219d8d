// SPDX-License-Identifier: Apache-2.0
#include <assay/core/operators/elementwise.h>
#include <assay/core/operators/focal.h>
#include <assay/core/probabilities.h>
#include <assay/losses/binary_focal_crossentropy.h>
#include <assay/losses/loss-inl.h>

namespace assay::losses {
namespace {

struct BinaryFocalCrossentropyFormula {
  static constexpr auto name = "binary_focal_crossentropy";
  static constexpr auto options =
      ", bool apply_class_balancing=False, float alpha=0.25, float gamma=2.0, "
      "bool from_logits=False, float label_smoothing=0.0";

  static at::Tensor elements(const at::Tensor& t, const at::Tensor& p, bool apply_class_balancing,
                             double alpha, double gamma, bool from_logits, double label_smoothing) {
    const auto one = t * (1 - label_smoothing) + label_smoothing / 2;
    const auto zero = 1 - one;
    const auto log_p = log_binary_probabilities(p, from_logits);
    const auto cost = -(one * finite_without_target(log_p.first, one) +
                        zero * finite_without_target(log_p.second, zero));
    const auto missed =
        from_logits ? one * at::sigmoid(-p) + zero * at::sigmoid(p) : one * (1 - p) + zero * p;
    const auto values = focal_factor(missed, gamma) * cost;
    return apply_class_balancing ? values * (one * alpha + zero * (1 - alpha)) : values;
  }
  static ElementwiseKernel kernel(bool apply_class_balancing, double alpha, double gamma,
                                  bool from_logits, double label_smoothing) {
    return {kernels::cpu::Elementwise::kBinaryFocalCrossentropy,
            {.from_logits = from_logits,
             .label_smoothing = label_smoothing,
             .gamma = gamma,
             .alpha = alpha,
             .apply_class_balancing = apply_class_balancing}};
  }
};

using BinaryFocalCrossentropyOperator =
    MeanOperator<BinaryFocalCrossentropyFormula, bool, double, double, bool, double>;

TORCH_LIBRARY_FRAGMENT(assay, library) { BinaryFocalCrossentropyOperator::define(library); }

}  // namespace

at::Tensor binary_focal_crossentropy(const at::Tensor& y_true, const at::Tensor& y_pred,
                                     bool apply_class_balancing, double alpha, double gamma,
                                     bool from_logits, double label_smoothing, std::int64_t axis) {
  return BinaryFocalCrossentropyOperator::over_axis(axis, y_true, y_pred, apply_class_balancing,
                                                    alpha, gamma, from_logits, label_smoothing);
}

LossValues BinaryFocalCrossentropyImpl::call(const at::Tensor& y_true,
                                             const at::Tensor& y_pred) const {
  const auto& o = options();
  return {binary_focal_crossentropy(y_true, y_pred, o.apply_class_balancing, o.alpha, o.gamma,
                                    o.from_logits, o.label_smoothing, o.axis)};
}

void register_binary_focal_crossentropy(LossRegistry& registry) {
  registry.add<BinaryFocalCrossentropyImpl>();
}

}  // namespace assay::losses
