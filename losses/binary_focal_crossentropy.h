// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/losses/loss.h>

namespace assay::losses {

/// Options of `BinaryFocalCrossentropy`.
struct BinaryFocalCrossentropyOptions {
  static constexpr auto class_name = "BinaryFocalCrossentropy";
  bool apply_class_balancing = false;
  double alpha = 0.25;
  double gamma = 2;
  bool from_logits = false;
  double label_smoothing = 0;
  std::int64_t axis = -1;
  Reduction reduction = Reduction::kSumOverBatchSize;
  std::string name = "binary_focal_crossentropy";
  std::optional<at::ScalarType> dtype;

  static constexpr auto fields() {
    using Self = BinaryFocalCrossentropyOptions;
    return assay::fields(
        field("apply_class_balancing", &Self::apply_class_balancing,
              "Weigh labels 1 by alpha, labels 0 by 1 - alpha."),
        field("alpha", &Self::alpha, "Weight of labels 1, where classes are balanced.",
              in_unit_interval),
        field("gamma", &Self::gamma, "How much less good predictions count; 0: no less.",
              not_negative),
        field("from_logits", &Self::from_logits, "Predictions are logits, not probabilities."),
        field("label_smoothing", &Self::label_smoothing,
              "Labels move by this share towards one half.", in_unit_interval),
        field("axis", &Self::axis, "The axis that is averaged over."), loss_fields<Self>());
  }
};

/// Crossentropy of labels t in [0, 1] with the probability p of 1, in which what is predicted well
/// counts less, averaged over `axis`:
///
///   -b (1 - r)^gamma (t log(p) + (1 - t) log(1 - p))
///   r = t p + (1 - t) (1 - p)
///   b = t alpha + (1 - t) (1 - alpha) with `apply_class_balancing`, else 1
///
/// Inside the logarithms, probabilities are clipped to [1e-7, 1 - 1e-7]. With label smoothing a, t
/// becomes t (1 - a) + a / 2.
///
/// Shapes: both [batch, d0 .. dN]; values lack `axis`.
/// Unlike Keras, logits are not clipped as probabilities.
/// Errors: ValueError for shapes that differ. Source: keras.losses.binary_focal_crossentropy.
at::Tensor binary_focal_crossentropy(const at::Tensor& y_true, const at::Tensor& y_pred,
                                     bool apply_class_balancing = false, double alpha = 0.25,
                                     double gamma = 2, bool from_logits = false,
                                     double label_smoothing = 0, std::int64_t axis = -1);

/// The loss of `binary_focal_crossentropy`. Source: keras.losses.BinaryFocalCrossentropy.
class BinaryFocalCrossentropyImpl final
    : public LossOf<BinaryFocalCrossentropyImpl, BinaryFocalCrossentropyOptions> {
 public:
  using LossOf::LossOf;
  LossValues call(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

/// The holder of `BinaryFocalCrossentropyImpl`.
using BinaryFocalCrossentropy = LossHolder<BinaryFocalCrossentropyImpl>;

}  // namespace assay::losses
