// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/core/class_weight.h>
#include <assay/losses/loss.h>

namespace assay::losses {

/// Options of `CategoricalCrossentropy`.
struct CategoricalCrossentropyOptions {
  static constexpr auto class_name = "CategoricalCrossentropy";
  bool from_logits = false;
  double label_smoothing = 0;
  std::int64_t axis = -1;
  ClassWeight class_weight;
  Reduction reduction = Reduction::kSumOverBatchSize;
  std::string name = "categorical_crossentropy";
  std::optional<at::ScalarType> dtype;

  static constexpr auto fields() {
    using Self = CategoricalCrossentropyOptions;
    return assay::fields(
        field("from_logits", &Self::from_logits, "Predictions are logits, not probabilities."),
        field("label_smoothing", &Self::label_smoothing,
              "Share of each label that is spread over all classes.", in_unit_interval),
        field("axis", &Self::axis, "The class axis."),
        field("class_weight", &Self::class_weight, "Weight of each class.", not_negative_weights)
            .beyond_keras(),
        loss_fields<Self>());
  }
};

/// Crossentropy of a target distribution t with predicted classes, one value a row.
///
/// From logits x:        sum_j t_j (log(sum_k exp(x_k)) - x_j)
/// From probabilities p: -sum_j t_j log(clip(p_j / sum_k p_k, 1e-7, 1 - 1e-7))
/// With label smoothing a, t becomes t (1 - a) + a / classes. The terms of class j are multiplied
/// by class_weight_j.
///
/// Shapes: both [batch, d0 .. dN] with the classes on `axis`; values lack that axis.
/// Unlike Keras, a row of zeros counts as uniform (Keras: NaN), and labels are smoothed by the size
/// of `axis` (Keras: of the last one).
/// Errors: ValueError for shapes that differ, or weights of another number of classes.
/// Source: keras.losses.categorical_crossentropy.
at::Tensor categorical_crossentropy(const at::Tensor& y_true, const at::Tensor& y_pred,
                                    bool from_logits = false, double label_smoothing = 0,
                                    std::int64_t axis = -1, const ClassWeight& class_weight = {});

/// The loss of `categorical_crossentropy`. Source: keras.losses.CategoricalCrossentropy.
class CategoricalCrossentropyImpl final
    : public LossOf<CategoricalCrossentropyImpl, CategoricalCrossentropyOptions> {
 public:
  using LossOf::LossOf;
  LossValues call(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

/// The holder of `CategoricalCrossentropyImpl`.
using CategoricalCrossentropy = LossHolder<CategoricalCrossentropyImpl>;

}  // namespace assay::losses
