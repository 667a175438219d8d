// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <assay/training/schedules/schedule.h>

#include <optional>

namespace assay::training::schedules {

/// Options of `CosineDecay`.
struct CosineDecayOptions {
  static constexpr auto class_name = "CosineDecay";
  double initial_learning_rate = kNotGiven;
  double decay_steps = 0;
  double alpha = 0.0;
  std::string name = "CosineDecay";
  std::optional<double> warmup_target = std::nullopt;
  double warmup_steps = 0;

  static constexpr auto fields() {
    using O = CosineDecayOptions;
    return assay::fields(
        field("initial_learning_rate", &O::initial_learning_rate, "The rate of the first update.",
              not_negative),
        field("decay_steps", &O::decay_steps, "Updates of the decay, warm-up aside.", positive),
        field("alpha", &O::alpha, "The end rate, as a fraction of the rate decayed from.",
              not_negative),
        field("name", &O::name, "Label in logs."),
        field("warmup_target", &O::warmup_target,
              "The rate that the warm-up climbs to; null: no warm-up.",
              {[](const std::optional<double>& target) {
                 return !target || not_negative.holds(*target);
               },
               "a number of at least 0, or null"}),
        field("warmup_steps", &O::warmup_steps, "Updates of the warm-up.", not_negative));
  }
};

/// A linear warm-up, where `warmup_target` is given, then half a cosine wave:
///
///     step < warmup_steps:  initial_learning_rate
///                               + (warmup_target - initial_learning_rate) * step / warmup_steps
///     then, with t = min(step - warmup_steps, decay_steps):
///         peak * ((1 - alpha) * (1 + cos(pi * t / decay_steps)) / 2 + alpha)
///
/// where the peak is warmup_target. Without it there is no warm-up, whatever `warmup_steps` says,
/// and the peak is initial_learning_rate.
/// Source: keras.optimizers.schedules.CosineDecay.
class CosineDecay final : public ScheduleOf<CosineDecay, CosineDecayOptions> {
 public:
  using ScheduleOf::ScheduleOf;
  double operator()(std::int64_t step) const override;
};

}  // namespace assay::training::schedules
