// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/training/schedules/schedule.h>

namespace assay::training::schedules {

/// Options of `ExponentialDecay`.
struct ExponentialDecayOptions {
  static constexpr auto class_name = "ExponentialDecay";
  double initial_learning_rate = kNotGiven;
  double decay_steps = 0;
  double decay_rate = kNotGiven;
  bool staircase = false;
  std::string name = "ExponentialDecay";

  static constexpr auto fields() {
    using O = ExponentialDecayOptions;
    return assay::fields(
        field("initial_learning_rate", &O::initial_learning_rate, "The rate of the first update.",
              not_negative),
        field("decay_steps", &O::decay_steps,
              "Updates in which the rate decays once by decay_rate.", positive),
        field("decay_rate", &O::decay_rate, "The factor of one decay.", not_negative),
        field("staircase", &O::staircase,
              "Whether to decay at whole multiples of decay_steps only."),
        field("name", &O::name, "Label in logs."));
  }
};

/// initial_learning_rate * decay_rate ^ (step / decay_steps); the quotient is rounded down where
/// `staircase`.
///
/// Source: keras.optimizers.schedules.ExponentialDecay.
class ExponentialDecay final : public ScheduleOf<ExponentialDecay, ExponentialDecayOptions> {
 public:
  using ScheduleOf::ScheduleOf;
  double operator()(std::int64_t step) const override;
};

}  // namespace assay::training::schedules
