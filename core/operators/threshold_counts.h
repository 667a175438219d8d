// SPDX-License-Identifier: Apache-2.0
// How many labels of each kind score above each of several thresholds: what precision, recall and
// the areas under curves are made of.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace assay {

/// Thresholds, and how scores are found among them.
///
/// A score is above a threshold where it is strictly greater, in the scores' own precision; a NaN
/// is above none. Evenly spaced thresholds are binned: a score is clipped to [0, 1] and is above
/// ceil(score (n - 1)) of the n. Others are searched, and scores are not clipped.
class Thresholds {
 public:
  /// Thresholds in any order. From three on they count as evenly spaced where each is i/(n-1) to
  /// within 1e-7 + 1e-5 i/(n-1), Keras's tolerance.
  explicit Thresholds(std::vector<double> values);

  /// 0, 1/(n-1), ..., 1; one alone is 0.5.
  static Thresholds evenly_spaced(std::int64_t number);

  /// -1e-7, the inner ones in ascending order, and 1 + 1e-7: every score in [0, 1] is above the
  /// first and below the last.
  static Thresholds with_ends(std::vector<double> inner);

  /// The ends, and 1/(n-1), ..., (n-2)/(n-1) between them.
  static Thresholds evenly_spaced_with_ends(std::int64_t number);

  /// In the order in which they were given.
  const std::vector<double>& values() const { return values_; }
  /// The number of thresholds, ends included.
  std::int64_t size() const { return static_cast<std::int64_t>(values_.size()); }

  /// In ascending order.
  const std::vector<double>& sorted() const { return sorted_; }
  /// Where each of `values` stands in `sorted`; empty where they are in that order.
  const std::vector<std::int64_t>& positions() const { return positions_; }
  /// Whether scores are binned, else searched.
  bool is_evenly_spaced() const { return evenly_spaced_; }
  /// Whether the first lies below 0 and the last above 1.
  bool has_ends() const { return has_ends_; }

  /// `sorted` as a tensor of the scores' type on their device, copied there once.
  const at::Tensor& boundaries(const at::Tensor& scores) const;
  /// `positions` as a tensor on a device, copied there once; undefined where empty.
  const at::Tensor& positions_on(const at::Device& device) const;

 private:
  Thresholds(std::vector<double> values, bool evenly_spaced, bool has_ends);

  std::vector<double> values_;
  std::vector<double> sorted_;
  std::vector<std::int64_t> positions_;
  bool evenly_spaced_ = false;
  bool has_ends_ = false;
  mutable at::Tensor boundaries_;
  mutable at::Tensor position_tensor_;
};

/// What a label and a claim make together.
enum class ThresholdCount : std::int64_t {
  kTruePositives,   ///< 1, claimed
  kFalsePositives,  ///< 0, claimed
  kTrueNegatives,   ///< 0, not claimed
  kFalseNegatives   ///< 1, not claimed
};

/// Counts one batch: adds to each of `counts`, float64 [thresholds] or [thresholds, labels], the
/// weights of the kind that stands at its place in `kinds`.
///
/// `y_true`: any type, not 0 is positive. `y_pred`: the scores, float32 or float64, of one shape
/// with it. `weight`: float64, of that shape (expanded views are fine); undefined: all 1.
/// With `per_label` the shape is [batch, labels] and each label has counts of its own.
///
/// Scores are binned, the bins summed from both ends, so that each count is a sum of weights alone:
/// one pass over the scores whatever the number of thresholds, no difference of large sums, no
/// data-dependent shape, no wait for the device. The sums do not depend on the number of threads.
void add_threshold_counts(const std::vector<at::Tensor>& counts,
                          const std::vector<ThresholdCount>& kinds, const at::Tensor& y_true,
                          const at::Tensor& y_pred, const at::Tensor& weight,
                          const Thresholds& thresholds, bool per_label);

}  // namespace assay
