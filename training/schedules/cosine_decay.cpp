// SPDX-License-Identifier: Apache-2.0
#include <assay/training/schedules/cosine_decay.h>
#include <assay/training/schedules/schedule-inl.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace assay::training::schedules {

double CosineDecay::operator()(std::int64_t step) const {
  const auto& o = options();
  auto at = static_cast<double>(step);
  double peak = o.initial_learning_rate;
  if (o.warmup_target) {
    if (at < o.warmup_steps) {
      return o.initial_learning_rate +
             (*o.warmup_target - o.initial_learning_rate) * at / o.warmup_steps;
    }
    at -= o.warmup_steps;
    peak = *o.warmup_target;
  }
  const double fraction = std::min(at, o.decay_steps) / o.decay_steps;
  const double wave = 0.5 * (1 + std::cos(std::numbers::pi * fraction));
  return peak * ((1 - o.alpha) * wave + o.alpha);
}

void register_cosine_decay(ScheduleRegistry& registry) { registry.add<CosineDecay>(); }

}  // namespace assay::training::schedules
