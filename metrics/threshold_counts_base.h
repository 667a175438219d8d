// SPDX-License-Identifier: Apache-2.0
// The third of the three shapes that most metrics have: a function of counts at thresholds.
#pragma once
#include <assay/core/operators/threshold_counts.h>
#include <assay/core/options/number_or_list.h>
#include <assay/metrics/metric.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

namespace assay::metrics {

/// What is counted: which scores of a batch, and against which thresholds.
struct CountingRule {
  Thresholds thresholds;                      ///< What scores are compared with.
  std::optional<std::int64_t> top_k = {};     ///< Only the row's k largest scores count as claims.
  std::optional<std::int64_t> class_id = {};  ///< Only this entry of the last axis is looked at.
  bool from_logits = false;                   ///< Scores go through a sigmoid first.
  bool multi_label = false;                   ///< Counts of each entry of the last axis apart.
  std::optional<std::int64_t> num_labels = {};  ///< How many there are; unset: as the data has.
  /// One weight an entry of the last axis, empty: all 1. With multi_label they weigh the labels'
  /// results, not what is counted.
  std::vector<double> label_weights = {};
};

/// Sums of weights of true and false positives and negatives at each threshold.
///
/// `y_true` is any type, not 0 is positive; `y_pred` has its shape, a trailing 1 aside. Weights
/// align with the scores from the left. A score is claimed positive where it is strictly above the
/// threshold; a NaN never is, and under `top_k` a row that holds one claims nothing. Among evenly
/// spaced thresholds scores outside [0, 1] count as the nearer end.
/// Errors: ValueError for shapes that do not fit, and for `top_k` or `class_id` beyond the last
/// axis. Source: keras.src.metrics.metrics_utils (`update_confusion_matrix_variables`).
class ThresholdCountsBase : public Metric {
 public:
  SharedCounts shared_counts() const override;

 protected:
  /// One of the four counts.
  using Count = ThresholdCount;
  using enum ThresholdCount;

  using Metric::Metric;

  /// Called once, by the constructor of a metric: declares the variables. One count alone is called
  /// "accumulator", as in Keras.
  void keep(CountingRule rule, std::initializer_list<Count> counts);
  /// The same with all four counts.
  void keep_all(CountingRule rule) {
    keep(std::move(rule), {kTruePositives, kFalsePositives, kTrueNegatives, kFalseNegatives});
  }

  void update(const at::Tensor& y_true, const at::Tensor& y_pred,
              const at::Tensor& sample_weight) final;
  void build_for(const std::vector<at::Tensor>& values) override;

  /// What `keep` was called with.
  const CountingRule& rule() const { return rule_; }

  /// [thresholds], or [thresholds, labels]. Errors: ValueError where the number of labels is not
  /// known yet.
  at::Tensor count(Count which) const;
  ///@{
  /// Quotients of counts, 0 for 0/0; shapes and errors as `count`. Precision is
  /// true_positives / (true_positives + false_positives), recall
  /// true_positives / (true_positives + false_negatives), specificity
  /// true_negatives / (true_negatives + false_positives).
  at::Tensor precision() const;
  at::Tensor recall() const;
  at::Tensor specificity() const;
  ///@}

  /// The rule's label weights on a device, copied there once.
  const at::Tensor& label_weights(const at::Device& device) const;

  /// The only value where there is one threshold, else all of them.
  at::Tensor per_threshold(const at::Tensor& values) const;

 private:
  void build(std::int64_t labels);

  CountingRule rule_{Thresholds({})};
  std::vector<Count> kept_;
  bool built_ = false;
  mutable at::Tensor label_weights_;
};

///@{
/// The rules for thresholds, and for entries of the last axis, that options name.
inline constexpr Constraint<NumberOrList> thresholds_in_unit_interval{
    [](const NumberOrList& thresholds) {
      for (const auto x : thresholds.numbers()) {
        if (!(x >= 0 && x <= 1)) return false;
      }
      return !thresholds.given() || !thresholds.numbers().empty();
    },
    "null, a number in [0, 1] or a list of such"};
inline constexpr Constraint<std::optional<std::int64_t>> an_entry{
    [](const std::optional<std::int64_t>& entry) { return !entry || *entry >= 0; },
    "null or an integer of at least 0"};
inline constexpr Constraint<std::optional<std::int64_t>> a_number_of_entries{
    [](const std::optional<std::int64_t>& number) { return !number || *number >= 1; },
    "null or an integer of at least 1"};
///@}

/// The thresholds that an option gives, or the default one.
Thresholds thresholds_or(const NumberOrList& given, double otherwise);

}  // namespace assay::metrics
