// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/training/schedules/schedule.h>

namespace assay::training::schedules {

/// Options of `CosineDecayRestarts`.
struct CosineDecayRestartsOptions {
  static constexpr auto class_name = "CosineDecayRestarts";
  double initial_learning_rate = kNotGiven;
  double first_decay_steps = 0;
  double t_mul = 2.0;
  double m_mul = 1.0;
  double alpha = 0.0;
  std::string name = "SGDRDecay";

  static constexpr auto fields() {
    using O = CosineDecayRestartsOptions;
    return assay::fields(
        field("initial_learning_rate", &O::initial_learning_rate, "The rate of the first update.",
              not_negative),
        field("first_decay_steps", &O::first_decay_steps, "Updates of the first period.", positive),
        field("t_mul", &O::t_mul, "How much longer each period is than the one before.",
              {[](const double& x) { return x >= 1 && not_negative.holds(x); },
               "a number of at least 1"}),
        field("m_mul", &O::m_mul, "The factor of the rate from one period to the next.",
              not_negative),
        field("alpha", &O::alpha, "The least rate, as a fraction of initial_learning_rate.",
              not_negative),
        field("name", &O::name, "Label in logs."));
  }
};

/// Half cosine waves that start again and again. In period i, which takes
/// first_decay_steps * t_mul^i updates, with f the fraction of it that is over:
///
///     initial_learning_rate * ((1 - alpha) * m_mul^i * (1 + cos(pi * f)) / 2 + alpha)
///
/// Source: keras.optimizers.schedules.CosineDecayRestarts, which finds the period with float32
/// logarithms and may miss a restart by a step.
class CosineDecayRestarts final
    : public ScheduleOf<CosineDecayRestarts, CosineDecayRestartsOptions> {
 public:
  using ScheduleOf::ScheduleOf;
  double operator()(std::int64_t step) const override;
};

}  // namespace assay::training::schedules
