// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/on_device.h>
#include <assay/core/probabilities.h>
#include <assay/core/threshold_counts.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace assay {
namespace {

std::vector<double> evenly_spaced_values(std::int64_t number) {
  std::vector<double> values;
  for (std::int64_t i = 0; i < number; ++i) {
    values.push_back(static_cast<double>(i) / static_cast<double>(number - 1));
  }
  return values;
}

// Source: keras.src.metrics.metrics_utils (`is_evenly_distributed_thresholds`).
bool look_evenly_spaced(const std::vector<double>& values) {
  constexpr double kRelativeTolerance = 1e-5;
  if (values.size() < 3) return false;
  const auto even = evenly_spaced_values(static_cast<std::int64_t>(values.size()));
  return std::equal(values.begin(), values.end(), even.begin(), [](double value, double expected) {
    return std::abs(value - expected) <= kEpsilon + kRelativeTolerance * expected;
  });
}

std::vector<double> between_ends(std::vector<double> inner) {
  inner.insert(inner.begin(), -kEpsilon);
  inner.push_back(1 + kEpsilon);
  return inner;
}

// How many thresholds each score is above, as int64.
at::Tensor number_below(const at::Tensor& scores, const Thresholds& thresholds) {
  const auto nan = scores.isnan();
  if (!thresholds.is_evenly_spaced()) {
    return at::bucketize(scores.contiguous(), thresholds.boundaries(scores)).masked_fill_(nan, 0);
  }
  auto number = scores.clamp(0, 1).mul_(static_cast<double>(thresholds.size() - 1)).ceil_();
  if (thresholds.has_ends()) number.clamp_min_(1);
  return number.masked_fill_(nan, 0).to(at::kLong);
}

// For each threshold the sum over the bins above it, and over the others.
at::Tensor sums_above(const at::Tensor& bins) { return bins.flip(0).cumsum(0).flip(0).slice(0, 1); }
at::Tensor sums_not_above(const at::Tensor& bins) { return bins.cumsum(0).slice(0, 0, -1); }

}  // namespace

Thresholds::Thresholds(std::vector<double> values, bool evenly_spaced, bool has_ends)
    : values_(std::move(values)),
      sorted_(values_),
      evenly_spaced_(evenly_spaced),
      has_ends_(has_ends) {
  if (std::is_sorted(values_.begin(), values_.end())) return;
  std::sort(sorted_.begin(), sorted_.end());
  for (const auto value : values_) {
    const auto found = std::lower_bound(sorted_.begin(), sorted_.end(), value);
    positions_.push_back(found - sorted_.begin());
  }
}

Thresholds::Thresholds(std::vector<double> values)
    : Thresholds(values, look_evenly_spaced(values), false) {}

Thresholds Thresholds::evenly_spaced(std::int64_t number) {
  if (number == 1) return Thresholds({0.5});
  return {evenly_spaced_values(number), true, false};
}

Thresholds Thresholds::with_ends(std::vector<double> inner) {
  std::sort(inner.begin(), inner.end());
  auto whole = inner;
  whole.insert(whole.begin(), 0.0);
  whole.push_back(1.0);
  return {between_ends(std::move(inner)), look_evenly_spaced(whole), true};
}

Thresholds Thresholds::evenly_spaced_with_ends(std::int64_t number) {
  const auto whole = evenly_spaced_values(number);
  return {between_ends({whole.begin() + 1, whole.end() - 1}), true, true};
}

const at::Tensor& Thresholds::boundaries(const at::Tensor& scores) const {
  if (!boundaries_.defined() || boundaries_.device() != scores.device() ||
      boundaries_.scalar_type() != scores.scalar_type()) {
    boundaries_ = on_device(at::tensor(sorted_, scores.scalar_type()), scores.device());
  }
  return boundaries_;
}

const at::Tensor& Thresholds::positions_on(const at::Device& device) const {
  if (positions_.empty()) return position_tensor_;
  if (!position_tensor_.defined() || position_tensor_.device() != device) {
    position_tensor_ = on_device(at::tensor(positions_, at::kLong), device);
  }
  return position_tensor_;
}

ThresholdCounts accumulate_threshold_counts(const at::Tensor& y_true, const at::Tensor& y_pred,
                                            const at::Tensor& weight, const Thresholds& thresholds,
                                            bool per_label) {
  // One histogram of (label is positive, thresholds below the score, column).
  const auto bins = thresholds.size() + 1;
  const auto columns = per_label ? y_pred.size(1) : 1;
  auto index = number_below(y_pred, thresholds).add_(y_true.ne(0), bins);
  if (per_label) {
    index.mul_(columns).add_(at::arange(columns, index.options()));
  }
  const auto options = y_pred.options().dtype(at::kDouble);
  const auto weights = weight.defined() ? weight : at::ones({}, options).expand(y_pred.sizes());
  auto histogram = at::zeros({2 * bins * columns}, options);
  histogram.scatter_add_(0, index.reshape(-1), weights.reshape(-1));

  histogram = per_label ? histogram.view({2, bins, columns}) : histogram.view({2, bins});
  const auto negatives = histogram.select(0, 0);
  const auto positives = histogram.select(0, 1);
  ThresholdCounts counts{sums_above(positives), sums_above(negatives), sums_not_above(negatives),
                         sums_not_above(positives)};
  const auto& positions = thresholds.positions_on(y_pred.device());
  if (positions.defined()) {
    for (auto* count : {&counts.true_positives, &counts.false_positives, &counts.true_negatives,
                        &counts.false_negatives}) {
      *count = count->index_select(0, positions);
    }
  }
  return counts;
}

}  // namespace assay
