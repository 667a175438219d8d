// SPDX-License-Identifier: Apache-2.0
// What the five metrics of intersection over union share.
#pragma once
#include <assay/metrics/confusion_base.h>

namespace assay::metrics {

/// Intersection over union of classes: TP / (TP + FP + FN), averaged over the target classes that
/// occur as label or as prediction; 0 where none does (Keras adds 1e-7 to denominators).
///
/// Labels and predictions are class ids, or one-hot labels and scores with the classes on `axis`,
/// of which the first largest counts. Pairs with an id out of [0, num_classes) leave the metric, as
/// labels of `ignore_class` do; a NaN among the scores is a miss. Weights broadcast to the ids.
/// Unlike Keras, whose state is int32 by default, fractions of weights count; the result is a float
/// where `dtype` is an integer type.
///
/// Errors: ValueError for shapes that do not fit, ids that are no integers (on the CPU), or a
/// target out of [0, num_classes). Variables: total_confusion_matrix (Keras's), missed; see
/// ConfusionBase.
class IoUBase : public ConfusionBase {
 public:
  /// Those of a MeanIoU that counts the same.
  SharedCounts shared_counts() const override;

 protected:
  /// Results are float32 where `dtype` is an integer type.
  IoUBase(std::string name, at::ScalarType dtype)
      : ConfusionBase(std::move(name), at::isFloatingType(dtype) ? dtype : at::kFloat) {}

  /// What is counted, and what of it the result is made of.
  struct Rule {
    std::int64_t num_classes;                    ///< Ids are in [0, num_classes).
    std::vector<std::int64_t> target_class_ids;  ///< The classes that are averaged.
    std::optional<std::int64_t> ignore_class;    ///< Labels of this class leave the metric.
    bool sparse_y_true;                          ///< Labels are ids, else one-hot.
    bool sparse_y_pred;                          ///< Predictions are ids, else scores.
    std::int64_t axis;                           ///< Where the classes are, if not sparse.
  };

  /// Sets what is counted and makes the state, in the constructor of the metric.
  /// Errors: ValueError where there is no target, or one that is no class.
  void set_rule(Rule rule);

  /// Every class a target.
  static std::vector<std::int64_t> all_classes(std::int64_t num_classes);

  Ids ids_of(const at::Tensor& y_true, const at::Tensor& y_pred) const override;
  at::Tensor compute() const final;

 private:
  Rule rule_{};
};

}  // namespace assay::metrics
