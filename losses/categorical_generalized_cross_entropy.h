// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/losses/loss.h>

namespace assay::losses {

/// Options of `CategoricalGeneralizedCrossEntropy`.
struct CategoricalGeneralizedCrossEntropyOptions {
  static constexpr auto class_name = "CategoricalGeneralizedCrossEntropy";
  double q = 0.5;
  Reduction reduction = Reduction::kSumOverBatchSize;
  std::string name = "categorical_generalized_cross_entropy";
  std::optional<at::ScalarType> dtype;

  static constexpr auto fields() {
    using Self = CategoricalGeneralizedCrossEntropyOptions;
    return assay::fields(
        field("q", &Self::q, "Robustness against wrong labels.", positive_up_to_one),
        loss_fields<Self>());
  }
};

/// (1 - p_label^q) / q of integer labels, with p the predicted probabilities: a crossentropy that
/// bounds what a wrong label costs. q near 0 is the crossentropy, q = 1 one minus the probability.
///
/// Shapes: y_pred [batch, d0 .. dN] with the classes on the last axis; y_true [batch, d0 .. dN-1],
/// or with a trailing 1. Where the probability is 0 the gradient is 0, not infinite.
/// Unlike Keras, q may be 1.
/// Errors: ValueError for shapes that do not fit, labels out of range (on the CPU), labels that are
/// no integers. Source: keras.losses.categorical_generalized_cross_entropy.
at::Tensor categorical_generalized_cross_entropy(const at::Tensor& y_true, const at::Tensor& y_pred,
                                                 double q = 0.5);

/// The loss of `categorical_generalized_cross_entropy`.
/// Source: keras.losses.CategoricalGeneralizedCrossEntropy.
class CategoricalGeneralizedCrossEntropyImpl final
    : public LossOf<CategoricalGeneralizedCrossEntropyImpl,
                    CategoricalGeneralizedCrossEntropyOptions> {
 public:
  using LossOf::LossOf;
  LossValues call(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

/// The holder of `CategoricalGeneralizedCrossEntropyImpl`.
using CategoricalGeneralizedCrossEntropy = LossHolder<CategoricalGeneralizedCrossEntropyImpl>;

}  // namespace assay::losses
