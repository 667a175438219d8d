// SPDX-License-Identifier: Apache-2.0
#include <assay/training/schedules/exponential_decay.h>
#include <assay/training/schedules/schedule-inl.h>

#include <cmath>

namespace assay::training::schedules {

double ExponentialDecay::operator()(std::int64_t step) const {
  const auto& o = options();
  const double decays = static_cast<double>(step) / o.decay_steps;
  return o.initial_learning_rate *
         std::pow(o.decay_rate, o.staircase ? std::floor(decays) : decays);
}

void register_exponential_decay(ScheduleRegistry& registry) { registry.add<ExponentialDecay>(); }

}  // namespace assay::training::schedules
