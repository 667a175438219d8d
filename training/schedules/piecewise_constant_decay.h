// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/training/schedules/schedule.h>

#include <vector>

namespace assay::training::schedules {

/// Options of `PiecewiseConstantDecay`.
struct PiecewiseConstantDecayOptions {
  static constexpr auto class_name = "PiecewiseConstantDecay";
  std::vector<double> boundaries = {};
  std::vector<double> values = {};
  std::string name = "PiecewiseConstant";

  static constexpr auto fields() {
    using O = PiecewiseConstantDecayOptions;
    return assay::fields(
        field("boundaries", &O::boundaries, "The last step of each value but the last.",
              {[](const std::vector<double>& list) { return !list.empty(); },
               "a list of at least one number"}),
        field("values", &O::values, "The rates; one more than boundaries."),
        field("name", &O::name, "Label in logs."));
  }
};

/// values[i] for the first i with step <= boundaries[i], and the last value beyond all boundaries.
///
/// Errors: ValueError where there is not one value more than boundaries, where the boundaries do
/// not increase, or where a value is negative.
/// Source: keras.optimizers.schedules.PiecewiseConstantDecay.
class PiecewiseConstantDecay final
    : public ScheduleOf<PiecewiseConstantDecay, PiecewiseConstantDecayOptions> {
 public:
  /// Errors: see the class.
  explicit PiecewiseConstantDecay(Options given);
  double operator()(std::int64_t step) const override;
};

}  // namespace assay::training::schedules
