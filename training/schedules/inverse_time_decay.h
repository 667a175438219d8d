// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/training/schedules/schedule.h>

namespace assay::training::schedules {

/// Options of `InverseTimeDecay`.
struct InverseTimeDecayOptions {
  static constexpr auto class_name = "InverseTimeDecay";
  double initial_learning_rate = kNotGiven;
  double decay_steps = 0;
  double decay_rate = kNotGiven;
  bool staircase = false;
  std::string name = "InverseTimeDecay";

  static constexpr auto fields() {
    using O = InverseTimeDecayOptions;
    return assay::fields(
        field("initial_learning_rate", &O::initial_learning_rate, "The rate of the first update.",
              not_negative),
        field("decay_steps", &O::decay_steps, "Updates in which the divisor grows by decay_rate.",
              positive),
        field("decay_rate", &O::decay_rate, "How much the divisor grows.", not_negative),
        field("staircase", &O::staircase,
              "Whether to decay at whole multiples of decay_steps only."),
        field("name", &O::name, "Label in logs."));
  }
};

/// initial_learning_rate / (1 + decay_rate * step / decay_steps); the quotient of the steps is
/// rounded down where `staircase`.
///
/// Source: keras.optimizers.schedules.InverseTimeDecay.
class InverseTimeDecay final : public ScheduleOf<InverseTimeDecay, InverseTimeDecayOptions> {
 public:
  using ScheduleOf::ScheduleOf;
  double operator()(std::int64_t step) const override;
};

}  // namespace assay::training::schedules
