// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/core/class_weight.h>
#include <assay/losses/loss.h>

namespace assay::losses {

/// Options of `SparseCategoricalCrossentropy`.
struct SparseCategoricalCrossentropyOptions {
  static constexpr auto class_name = "SparseCategoricalCrossentropy";
  bool from_logits = false;
  std::optional<std::int64_t> ignore_class;
  std::int64_t axis = -1;
  double label_smoothing = 0;
  ClassWeight class_weight;
  Reduction reduction = Reduction::kSumOverBatchSize;
  std::string name = "sparse_categorical_crossentropy";
  std::optional<at::ScalarType> dtype;

  static constexpr auto fields() {
    using Self = SparseCategoricalCrossentropyOptions;
    return assay::fields(
        field("from_logits", &Self::from_logits, "Predictions are logits, not probabilities."),
        field("ignore_class", &Self::ignore_class, "Label whose rows leave the loss."),
        field("axis", &Self::axis, "The class axis of the predictions."),
        field("label_smoothing", &Self::label_smoothing,
              "Share of each label that is spread over all classes.", in_unit_interval)
            .beyond_keras(),
        field("class_weight", &Self::class_weight, "Weight of each class.", not_negative_weights)
            .beyond_keras(),
        loss_fields<Self>());
  }
};

/// Crossentropy of integer labels with predicted classes, one value a row.
///
/// From logits x:        log(sum_j exp(x_j)) - x_label
/// From probabilities p: log(sum_j c_j / c_label) with c = clip(p, 1e-7, 1 - 1e-7)
/// With label smoothing a, the label's term is (1 - a) of it plus a / classes of every class's. The
/// terms of class j are multiplied by class_weight_j.
///
/// Shapes: y_pred [batch, d0 .. dN] with the classes on `axis`; y_true the same without that axis,
/// or with a trailing 1. Rows labelled `ignore_class` are 0.
/// Errors: ValueError for shapes that do not fit, labels out of range (on the CPU), labels that are
/// no integers, weights of another number of classes. Unlike Keras 3, probabilities are clipped
/// before they are normalised, as tf.keras does. Source:
/// tf.keras.losses.sparse_categorical_crossentropy.
at::Tensor sparse_categorical_crossentropy(const at::Tensor& y_true, const at::Tensor& y_pred,
                                           bool from_logits = false,
                                           std::optional<std::int64_t> ignore_class = {},
                                           std::int64_t axis = -1, double label_smoothing = 0,
                                           const ClassWeight& class_weight = {});

/// The loss of `sparse_categorical_crossentropy`; with `ignore_class`, means are over the rows that
/// are left. Source: keras.losses.SparseCategoricalCrossentropy.
class SparseCategoricalCrossentropyImpl final
    : public LossOf<SparseCategoricalCrossentropyImpl, SparseCategoricalCrossentropyOptions> {
 public:
  using LossOf::LossOf;
  LossValues call(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

/// The holder of `SparseCategoricalCrossentropyImpl`.
using SparseCategoricalCrossentropy = LossHolder<SparseCategoricalCrossentropyImpl>;

}  // namespace assay::losses
