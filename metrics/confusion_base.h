// SPDX-License-Identifier: Apache-2.0
// The second of the three shapes that most metrics have: a function of a confusion matrix.
#pragma once
#include <assay/core/no_class.h>
#include <assay/metrics/metric.h>

namespace assay::metrics {

/// For an option that must be given.
inline constexpr Constraint<std::int64_t> a_number_of_classes{
    [](const std::int64_t& x) { return x >= 1; }, "given, an integer of at least 1"};

/// The id of the first largest score along `axis`, kNoClass where a score is NaN.
/// Errors: ValueError where the tensor lacks the axis.
at::Tensor largest_classes(const at::Tensor& scores, std::int64_t axis, const char* argument);

/// A function of how often (by how much weight) each class was predicted as each.
///
/// Labels are class ids [batch, d0 .. dN], with or without a trailing 1. Predictions are class ids
/// of that shape, or scores [batch, d0 .. dN, classes], of which the first largest counts. Weights
/// broadcast to the labels. A pair with an id out of [0, classes) leaves the metric. A NaN among
/// the scores (or for an id) is a miss: the pair counts for its label, and for no predicted class.
///
/// Errors: ValueError for shapes that do not fit, and for ids that are no integers (on the CPU).
/// Variables: total_confusion_matrix [classes, classes], a row a label and a column a prediction;
/// missed [classes], the weight of the labels that have no prediction.
class ConfusionBase : public Metric {
 public:
  /// Those of a ConfusionMatrix.
  SharedCounts shared_counts() const override;

 protected:
  /// Without a matrix as yet: `make_matrix` follows.
  ConfusionBase(std::string name, at::ScalarType dtype) : Metric(std::move(name), dtype) {}

  /// Makes the state, in the constructor of the metric.
  void make_matrix(std::int64_t classes);

  /// Labels and predictions: ids of one shape, a trailing 1 aside.
  struct Ids {
    at::Tensor labels;                         ///< int64; one out of range counts nowhere.
    at::Tensor predictions;                    ///< int64; kNoClass is a miss.
    std::optional<std::int64_t> ignore_class;  ///< Labels of this class leave the metric.
  };

  /// The ids of a batch.
  virtual Ids ids_of(const at::Tensor& y_true, const at::Tensor& y_pred) const;

  void update(const at::Tensor& y_true, const at::Tensor& y_pred,
              const at::Tensor& sample_weight) override;
  std::function<void()> prepared(const at::Tensor& y_true, const at::Tensor& y_pred,
                                 const at::Tensor& sample_weight) override;

  /// The weight of each label, a view; undefined where none is given. Errors: ValueError for one
  /// that does not broadcast to the labels.
  static at::Tensor weight_of(const at::Tensor& labels, const at::Tensor& sample_weight);

  ///@{
  /// The state.
  at::Tensor& matrix() { return *matrix_; }
  at::Tensor& missed() { return *missed_; }
  ///@}

  /// The number that `make_matrix` was called with.
  std::int64_t classes() const { return matrix_->size(0); }

  /// The counts of a metric that has these variables.
  static SharedCounts counts_of(std::shared_ptr<Metric> owner);

  /// [classes, classes + 1]: the matrix, and beside it the misses.
  at::Tensor pairs() const;

 private:
  /// What is added: ids of one shape, and their weights, undefined where all are 1.
  struct Pairs {
    Ids ids;
    at::Tensor weight;
  };
  Pairs pairs_of(const at::Tensor& y_true, const at::Tensor& y_pred,
                 const at::Tensor& sample_weight) const;
  void add(const Pairs& pairs);

  at::Tensor* matrix_ = nullptr;
  at::Tensor* missed_ = nullptr;
};

}  // namespace assay::metrics
