// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/core/class_weight.h>
#include <assay/core/options/number_or_list.h>
#include <assay/losses/loss.h>

namespace assay::losses {

/// Options of `CategoricalFocalCrossentropy`.
struct CategoricalFocalCrossentropyOptions {
  static constexpr auto class_name = "CategoricalFocalCrossentropy";
  NumberOrList alpha = 0.25;
  double gamma = 2;
  bool from_logits = false;
  double label_smoothing = 0;
  std::int64_t axis = -1;
  ClassWeight class_weight;
  Reduction reduction = Reduction::kSumOverBatchSize;
  std::string name = "categorical_focal_crossentropy";
  std::optional<at::ScalarType> dtype;

  static constexpr auto fields() {
    using Self = CategoricalFocalCrossentropyOptions;
    return assay::fields(
        field("alpha", &Self::alpha, "Factor on the loss: one for all classes, or a list.",
              none_negative),
        field("gamma", &Self::gamma, "How much less good predictions count; 0: no less.",
              not_negative),
        field("from_logits", &Self::from_logits, "Predictions are logits, not probabilities."),

        field("label_smoothing", &Self::label_smoothing,
              "Share of each label that is spread over all classes.", in_unit_interval),
        field("axis", &Self::axis, "The class axis."),
        field("class_weight", &Self::class_weight, "Weight of each class.", not_negative_weights)
            .beyond_keras(),
        loss_fields<Self>());
  }
};

/// Crossentropy of a target distribution t with predicted classes, in which what is predicted
/// well counts less:
///
///   -sum_j w_j alpha_j t_j (1 - p_j)^gamma log(p_j), with w = class_weight
///
/// From logits p is the softmax; probabilities are normalised, then clipped to [1e-7, 1 - 1e-7].
/// With label smoothing a, t becomes t (1 - a) + a / classes.
///
/// Shapes: both [batch, d0 .. dN] with the classes on `axis`; values lack that axis.
/// Unlike Keras, a row of zeros counts as uniform (Keras: NaN), logits are not clipped, and labels
/// are smoothed by the size of `axis` (Keras: of the last one).
/// Errors: ValueError for shapes that differ, or weights of another number of classes.
/// Source: keras.losses.categorical_focal_crossentropy.
at::Tensor categorical_focal_crossentropy(const at::Tensor& y_true, const at::Tensor& y_pred,
                                          const NumberOrList& alpha = 0.25, double gamma = 2,
                                          bool from_logits = false, double label_smoothing = 0,
                                          std::int64_t axis = -1,
                                          const ClassWeight& class_weight = {});

/// The loss of `categorical_focal_crossentropy`. Source: keras.losses.CategoricalFocalCrossentropy.
class CategoricalFocalCrossentropyImpl final
    : public LossOf<CategoricalFocalCrossentropyImpl, CategoricalFocalCrossentropyOptions> {
 public:
  using LossOf::LossOf;
  LossValues call(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

/// The holder of `CategoricalFocalCrossentropyImpl`.
using CategoricalFocalCrossentropy = LossHolder<CategoricalFocalCrossentropyImpl>;

}  // namespace assay::losses
