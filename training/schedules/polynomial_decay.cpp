// SPDX-License-Identifier: Apache-2.0
#include <assay/training/schedules/polynomial_decay.h>
#include <assay/training/schedules/schedule-inl.h>

#include <algorithm>
#include <cmath>

namespace assay::training::schedules {

double PolynomialDecay::operator()(std::int64_t step) const {
  const auto& o = options();
  auto at = static_cast<double>(step);
  double steps = o.decay_steps;
  if (o.cycle) {
    steps *= step == 0 ? 1 : std::ceil(at / steps);
  } else {
    at = std::min(at, steps);
  }
  return (o.initial_learning_rate - o.end_learning_rate) * std::pow(1 - at / steps, o.power) +
         o.end_learning_rate;
}

void register_polynomial_decay(ScheduleRegistry& registry) { registry.add<PolynomialDecay>(); }

}  // namespace assay::training::schedules
