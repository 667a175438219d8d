// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/training/schedules/schedule.h>

namespace assay::training::schedules {

/// Options of `PolynomialDecay`.
struct PolynomialDecayOptions {
  static constexpr auto class_name = "PolynomialDecay";
  double initial_learning_rate = kNotGiven;
  double decay_steps = 0;
  double end_learning_rate = 0.0001;
  double power = 1.0;
  bool cycle = false;
  std::string name = "PolynomialDecay";

  static constexpr auto fields() {
    using O = PolynomialDecayOptions;
    return assay::fields(
        field("initial_learning_rate", &O::initial_learning_rate, "The rate of the first update.",
              not_negative),
        field("decay_steps", &O::decay_steps, "Updates until the end rate is reached.", positive),
        field("end_learning_rate", &O::end_learning_rate, "The rate at the end.", not_negative),
        field("power", &O::power, "The exponent of what is left of the way.", not_negative),
        field("cycle", &O::cycle, "Whether to go on in ever longer cycles after decay_steps."),
        field("name", &O::name, "Label in logs."));
  }
};

/// (initial_learning_rate - end_learning_rate) * (1 - step / decay_steps) ^ power
///     + end_learning_rate
///
/// After `decay_steps` the rate stays at its end; where `cycle`, decay_steps is replaced by its
/// first multiple that is not less than `step`.
/// Source: keras.optimizers.schedules.PolynomialDecay.
class PolynomialDecay final : public ScheduleOf<PolynomialDecay, PolynomialDecayOptions> {
 public:
  using ScheduleOf::ScheduleOf;
  double operator()(std::int64_t step) const override;
};

}  // namespace assay::training::schedules
