// SPDX-License-Identifier: Apache-2.0
#include <assay/training/schedules/inverse_time_decay.h>
#include <assay/training/schedules/schedule-inl.h>

#include <cmath>

namespace assay::training::schedules {

double InverseTimeDecay::operator()(std::int64_t step) const {
  const auto& o = options();
  const double decays = static_cast<double>(step) / o.decay_steps;
  return o.initial_learning_rate / (1 + o.decay_rate * (o.staircase ? std::floor(decays) : decays));
}

void register_inverse_time_decay(ScheduleRegistry& registry) { registry.add<InverseTimeDecay>(); }

}  // namespace assay::training::schedules
