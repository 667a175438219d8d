// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/core/class_weight.h>
#include <assay/core/options/number_or_list.h>
#include <assay/losses/loss.h>

namespace assay::losses {

/// Options of `SparseCategoricalFocalCrossentropy`.
struct SparseCategoricalFocalCrossentropyOptions {
  static constexpr auto class_name = "SparseCategoricalFocalCrossentropy";
  NumberOrList alpha = 0.25;
  double gamma = 2;
  bool from_logits = false;
  std::optional<std::int64_t> ignore_class;
  std::int64_t axis = -1;
  double label_smoothing = 0;
  ClassWeight class_weight;
  Reduction reduction = Reduction::kSumOverBatchSize;
  std::string name = "sparse_categorical_focal_crossentropy";
  std::optional<at::ScalarType> dtype;

  static constexpr auto fields() {
    using Self = SparseCategoricalFocalCrossentropyOptions;
    return assay::fields(
        field("alpha", &Self::alpha, "Factor on the loss: one for all classes, or a list.",
              none_negative),
        field("gamma", &Self::gamma, "How much less good predictions count; 0: no less.",
              not_negative),
        field("from_logits", &Self::from_logits, "Predictions are logits, not probabilities."),
        field("ignore_class", &Self::ignore_class, "Label whose rows leave the loss."),
        field("axis", &Self::axis, "The class axis of the predictions."),
        field("label_smoothing", &Self::label_smoothing,
              "Share of each label that is spread over all classes.", in_unit_interval),
        field("class_weight", &Self::class_weight, "Weight of each class.", not_negative_weights),
        loss_fields<Self>());
  }
};

/// `categorical_focal_crossentropy` of integer labels, one value a row:
///
///   -w_label alpha_label (1 - p_label)^gamma log(p_label), with w = class_weight
///
/// From logits p is the softmax; probabilities are normalised, then clipped to [1e-7, 1 - 1e-7].
/// With label smoothing a, the label's term is (1 - a) of it plus a / classes of every class's.
///
/// Shapes: y_pred [batch, d0 .. dN] with the classes on `axis`; y_true the same without that axis,
/// or with a trailing 1. Rows labelled `ignore_class` are 0.
/// Errors: ValueError for shapes that do not fit, labels out of range (on the CPU), labels that are
/// no integers, weights of another number of classes.
/// Source: https://arxiv.org/abs/1708.02002; Keras has the dense form only.
at::Tensor sparse_categorical_focal_crossentropy(const at::Tensor& y_true, const at::Tensor& y_pred,
                                                 const NumberOrList& alpha = 0.25, double gamma = 2,
                                                 bool from_logits = false,
                                                 std::optional<std::int64_t> ignore_class = {},
                                                 std::int64_t axis = -1, double label_smoothing = 0,
                                                 const ClassWeight& class_weight = {});

/// The loss of `sparse_categorical_focal_crossentropy`. With `ignore_class`, means are over the
/// rows that are left.
class SparseCategoricalFocalCrossentropyImpl final
    : public LossOf<SparseCategoricalFocalCrossentropyImpl,
                    SparseCategoricalFocalCrossentropyOptions> {
 public:
  using LossOf::LossOf;
  LossValues call(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
};

/// The holder of `SparseCategoricalFocalCrossentropyImpl`.
using SparseCategoricalFocalCrossentropy = LossHolder<SparseCategoricalFocalCrossentropyImpl>;

}  // namespace assay::losses
