// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/losses/loss.h>

namespace assay::losses {

/// Options of `BinaryCrossentropy`.
struct BinaryCrossentropyOptions {
  static constexpr auto class_name = "BinaryCrossentropy";
  bool from_logits = false;
  double label_smoothing = 0;
  std::int64_t axis = -1;
  double pos_weight = 1;
  Reduction reduction = Reduction::kSumOverBatchSize;
  std::string name = "binary_crossentropy";
  std::optional<at::ScalarType> dtype;

  static constexpr auto fields() {
    using Self = BinaryCrossentropyOptions;
    return assay::fields(
        field("from_logits", &Self::from_logits, "Predictions are logits, not probabilities."),
        field("label_smoothing", &Self::label_smoothing,
              "Labels move by this share towards one half.", in_unit_interval),
        field("axis", &Self::axis, "The axis that is averaged over."),
        field("pos_weight", &Self::pos_weight, "Factor on the cost of positive labels.",
              not_negative)
            .beyond_keras(),
        loss_fields<Self>());
  }
};

/// Crossentropy of labels t in [0, 1] with the probability of 1, averaged over `axis`.
///
/// From logits x:        (1 - t) x + (1 + (w - 1) t) log(1 + exp(-x)),  w = pos_weight
/// From probabilities p: -(w t log(c) + (1 - t) log(1 - c)) with c = clip(p, 1e-7, 1 - 1e-7)
/// With label smoothing a, t becomes t (1 - a) + a / 2.
///
/// Shapes: both [batch, d0 .. dN]; values lack `axis`.
/// Errors: ValueError for shapes that differ. Source: keras.losses.binary_crossentropy;
/// `pos_weight` is torch.nn.functional.binary_cross_entropy_with_logits's.
at::Tensor binary_crossentropy(const at::Tensor& y_true, const at::Tensor& y_pred,
                               bool from_logits = false, double label_smoothing = 0,
                               std::int64_t axis = -1, double pos_weight = 1);

/// The loss of `binary_crossentropy`. Source: keras.losses.BinaryCrossentropy.
class BinaryCrossentropyImpl final
    : public LossOf<BinaryCrossentropyImpl, BinaryCrossentropyOptions> {
 public:
  using LossOf::LossOf;
  LossValues call(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

/// The holder of `BinaryCrossentropyImpl`.
using BinaryCrossentropy = LossHolder<BinaryCrossentropyImpl>;

}  // namespace assay::losses
