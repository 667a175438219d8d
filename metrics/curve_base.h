// SPDX-License-Identifier: Apache-2.0
// What the metrics of whole curves share: thresholds with an end on either side of [0, 1].
#pragma once
#include <assay/metrics/threshold_counts_base.h>

#include <algorithm>
#include <optional>
#include <vector>

namespace assay::metrics {

/// Numbers of an option that may be null.
using OptionalNumbers = std::optional<std::vector<double>>;

/// For thresholds that may be left out.
inline constexpr Constraint<OptionalNumbers> a_list_in_unit_interval{
    [](const OptionalNumbers& list) {
      return !list ||
             std::all_of(list->begin(), list->end(), [](double x) { return x >= 0 && x <= 1; });
    },
    "null or a list of numbers in [0, 1]"};

/// The fields for the thresholds of a curve.
template <class Options>
constexpr auto curve_fields() {
  return fields(
      field("num_thresholds", &Options::num_thresholds,
            "How many evenly spaced thresholds there are, both ends included.", at_least_two),
      field("thresholds", &Options::thresholds,
            "Thresholds between the ends, instead of evenly spaced ones.", a_list_in_unit_interval)
          .beyond_keras());
}

/// Options as Keras keeps them: given thresholds in ascending order, and counted with both ends in
/// `num_thresholds`.
template <class Options>
Options with_sorted_thresholds(Options options) {
  if (options.thresholds) {
    std::sort(options.thresholds->begin(), options.thresholds->end());
    options.num_thresholds = static_cast<std::int64_t>(options.thresholds->size()) + 2;
  }
  return options;
}

/// The thresholds of such options.
template <class Options>
Thresholds thresholds_of(const Options& options) {
  return options.thresholds ? Thresholds::with_ends(*options.thresholds)
                            : Thresholds::evenly_spaced_with_ends(options.num_thresholds);
}

/// A curve itself: its points, in the order in which x grows.
class CurveBase : public ThresholdCountsBase {
 public:
  /// "<name>_<x>", "<name>_<y>" and "<name>_thresholds", each [thresholds].
  std::vector<std::pair<std::string, at::Tensor>> results() const override;

 protected:
  using ThresholdCountsBase::ThresholdCountsBase;

  ///@{
  /// What a coordinate is called in `results`: "recall".
  virtual const char* x_name() const = 0;
  virtual const char* y_name() const = 0;
  ///@}
  ///@{
  /// Coordinates at each threshold, from the lowest threshold to the highest.
  virtual at::Tensor x() const = 0;
  virtual at::Tensor y() const = 0;
  ///@}

  at::Tensor compute() const final;
};

}  // namespace assay::metrics
