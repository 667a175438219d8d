// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/kernels/cpu/threshold_histogram.h>
#include <assay/core/on_device.h>
#include <assay/core/operators/chunked_sums.h>
#include <assay/core/operators/kernel_input.h>
#include <assay/core/operators/operator_handle.h>
#include <assay/core/operators/threshold_counts.h>
#include <assay/core/probabilities.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

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

using OptionalTensor = std::optional<at::Tensor>;

// Thresholds as the operator takes them; without boundaries they are evenly spaced.
struct Grid {
  std::int64_t size;
  bool has_ends;
  const OptionalTensor& boundaries;
  const OptionalTensor& positions;
};

// How many thresholds each score is above, as int64.
at::Tensor number_below(const at::Tensor& scores, const Grid& grid) {
  const auto nan = scores.isnan();
  if (grid.boundaries) {
    return at::bucketize(scores.contiguous(), *grid.boundaries).masked_fill_(nan, 0);
  }
  auto number = scores.clamp(0, 1).mul_(static_cast<double>(grid.size - 1)).ceil_();
  if (grid.has_ends) number.clamp_min_(1);
  return number.masked_fill_(nan, 0).to(at::kLong);
}

// For each threshold the sum over the bins above it, and over the others.
at::Tensor sums_above(const at::Tensor& bins) { return bins.flip(0).cumsum(0).flip(0).slice(0, 1); }
at::Tensor sums_not_above(const at::Tensor& bins) { return bins.cumsum(0).slice(0, 0, -1); }

// Positives and negatives are kinds of labels, claims are scores above the threshold.
bool is_of_positives(std::int64_t kind) {
  const auto count = static_cast<ThresholdCount>(kind);
  return count == ThresholdCount::kTruePositives || count == ThresholdCount::kFalseNegatives;
}
bool is_of_claims(std::int64_t kind) {
  const auto count = static_cast<ThresholdCount>(kind);
  return count == ThresholdCount::kTruePositives || count == ThresholdCount::kFalsePositives;
}

void add_threshold_counts_composed(at::TensorList counts, at::IntArrayRef kinds,
                                   const at::Tensor& y_true, const at::Tensor& y_pred,
                                   const OptionalTensor& weight, std::int64_t size, bool has_ends,
                                   const OptionalTensor& boundaries,
                                   const OptionalTensor& positions, bool per_label) {
  // One histogram of (label is positive, thresholds below the score, column).
  const auto bins = size + 1;
  const auto columns = per_label ? y_pred.size(1) : 1;
  auto index = number_below(y_pred, {size, has_ends, boundaries, positions});
  index.add_(y_true.ne(0), bins);
  if (per_label) {
    index.mul_(columns).add_(at::arange(columns, index.options()));
  }
  const auto options = y_pred.options().dtype(at::kDouble);
  const auto weights = weight ? *weight : at::ones({}, options).expand(y_pred.sizes());
  auto histogram = at::zeros({2 * bins * columns}, options);
  histogram.scatter_add_(0, index.reshape(-1), weights.reshape(-1));

  histogram = per_label ? histogram.view({2, bins, columns}) : histogram.view({2, bins});
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    const auto bins_of_kind = histogram.select(0, is_of_positives(kinds[i]) ? 1 : 0);
    const auto sums =
        is_of_claims(kinds[i]) ? sums_above(bins_of_kind) : sums_not_above(bins_of_kind);
    counts[i].add_(positions ? sums.index_select(0, *positions) : sums);
  }
}

kernels::cpu::ReadPositive reader_of(at::ScalarType dtype) {
  switch (dtype) {
    case at::kFloat:
      return &kernels::cpu::read_positive<float>;
    case at::kDouble:
      return &kernels::cpu::read_positive<double>;
    case at::kLong:
      return &kernels::cpu::read_positive<std::int64_t>;
    case at::kInt:
      return &kernels::cpu::read_positive<std::int32_t>;
    case at::kByte:
      return &kernels::cpu::read_positive<std::uint8_t>;
    case at::kBool:
      return &kernels::cpu::read_positive<bool>;
    default:
      return nullptr;
  }
}

// Adds the histogram [2, bins, columns] of one kind to the count [thresholds, columns].
void add_count(const double* histogram, std::int64_t kind, std::int64_t size, std::int64_t columns,
               const std::int64_t* positions, double* count) {
  const auto* bins = histogram + (is_of_positives(kind) ? (size + 1) * columns : 0);
  std::vector<double> sums(static_cast<std::size_t>(size));
  for (std::int64_t column = 0; column < columns; ++column) {
    double sum = 0;
    if (is_of_claims(kind)) {
      for (auto k = size - 1; k >= 0; --k) {
        sums[k] = sum += bins[(k + 1) * columns + column];
      }
    } else {
      for (std::int64_t k = 0; k < size; ++k) sums[k] = sum += bins[k * columns + column];
    }
    for (std::int64_t k = 0; k < size; ++k) {
      count[k * columns + column] += sums[positions == nullptr ? k : positions[k]];
    }
  }
}

void add_threshold_counts_cpu(at::TensorList counts, at::IntArrayRef kinds,
                              const at::Tensor& y_true, const at::Tensor& y_pred,
                              const OptionalTensor& weight, std::int64_t size, bool has_ends,
                              const OptionalTensor& boundaries, const OptionalTensor& positions,
                              bool per_label) {
  const auto scores = y_pred.contiguous();
  const auto read = reader_of(y_true.scalar_type());
  const auto labels = (read != nullptr ? y_true : y_true.ne(0)).contiguous();
  const auto weights = weight ? weight->to(at::kDouble).contiguous() : at::Tensor();
  const auto columns = per_label ? y_pred.size(1) : 1;
  if (scores.numel() == 0) return;
  const auto histogram_size = 2 * (size + 1) * columns;
  const auto chunk = chunk_for(histogram_size);
  const auto histogram = dispatch_kernel_type(scores.scalar_type(), [&]<class T>() {
    if constexpr (std::is_same_v<T, float> || std::is_same_v<T, double>) {
      const kernels::cpu::ScoredLabels<T> input{
          .scores = kernel_data<T>(scores),
          .labels = labels.const_data_ptr(),
          .read_positive = read != nullptr ? read : &kernels::cpu::read_positive<bool>,
          .columns = columns,
          .grid = {.number = size,
                   .sorted = boundaries ? kernel_data<T>(*boundaries) : nullptr,
                   .has_ends = has_ends}};
      if (weights.defined()) {
        const auto* weight_data = weights.const_data_ptr<double>();
        return chunked_sums<double>(
            histogram_size, scores.numel(), chunk, [&](auto begin, auto end, double* sums) {
              kernels::cpu::add_to_threshold_histogram(input, weight_data, begin, end, sums);
            });
      }
      const auto numbers = chunked_sums<std::int64_t>(
          histogram_size, scores.numel(), chunk, [&](auto begin, auto end, std::int64_t* sums) {
            kernels::cpu::add_to_threshold_histogram(input, begin, end, sums);
          });
      return std::vector<double>(numbers.begin(), numbers.end());
    } else {
      TORCH_INTERNAL_ASSERT(false, "scores are float32 or float64");
      return std::vector<double>();
    }
  });
  const auto* position_data = positions ? positions->const_data_ptr<std::int64_t>() : nullptr;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    const auto target =
        counts[i].is_contiguous() ? counts[i] : at::zeros(counts[i].sizes(), counts[i].options());
    add_count(histogram.data(), kinds[i], size, columns, position_data,
              target.mutable_data_ptr<double>());
    if (!target.is_same(counts[i])) counts[i].add_(target);
    bump_version(counts[i]);
  }
}

TORCH_LIBRARY_FRAGMENT(assay, library) {
  define_with_cpu_kernel(
      library,
      "add_threshold_counts_(Tensor(a!)[] counts, int[] kinds, Tensor y_true, Tensor y_pred, "
      "Tensor? weight, int thresholds, bool has_ends, Tensor? boundaries, Tensor? positions, "
      "bool per_label) -> ()",
      &add_threshold_counts_composed, &add_threshold_counts_cpu);
}

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

void add_threshold_counts(const std::vector<at::Tensor>& counts,
                          const std::vector<ThresholdCount>& kinds, const at::Tensor& y_true,
                          const at::Tensor& y_pred, const at::Tensor& weight,
                          const Thresholds& thresholds, bool per_label) {
  static const auto handle =
      operator_handle<decltype(add_threshold_counts_cpu)>("add_threshold_counts_");
  c10::SmallVector<std::int64_t, 4> numbers;
  for (const auto kind : kinds) numbers.push_back(static_cast<std::int64_t>(kind));
  const bool binned = thresholds.is_evenly_spaced();
  handle.call(counts, numbers, y_true, y_pred, optional(weight), thresholds.size(),
              thresholds.has_ends(),
              binned ? std::nullopt : optional(thresholds.boundaries(y_pred)),
              optional(thresholds.positions_on(y_pred.device())), per_label);
}

}  // namespace assay
