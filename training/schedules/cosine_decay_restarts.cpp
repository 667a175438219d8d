// SPDX-License-Identifier: Apache-2.0
#include <assay/training/schedules/cosine_decay_restarts.h>
#include <assay/training/schedules/schedule-inl.h>

#include <cmath>
#include <numbers>

namespace assay::training::schedules {
namespace {

struct Place {
  double period;    // 0, 1 ...
  double fraction;  // of the period that is over
};

// Where the first period has length 1, period i begins at (t_mul^i - 1) / (t_mul - 1).
Place place(double at, double t_mul) {
  if (t_mul == 1) return {std::floor(at), at - std::floor(at)};
  const auto begin = [&](double period) { return (std::pow(t_mul, period) - 1) / (t_mul - 1); };
  double period = std::floor(std::log1p(at * (t_mul - 1)) / std::log(t_mul));
  // At a restart the logarithm can come out on either side of a whole number.
  if (begin(period + 1) <= at) ++period;
  if (begin(period) > at) --period;
  return {period, (at - begin(period)) / std::pow(t_mul, period)};
}

}  // namespace

double CosineDecayRestarts::operator()(std::int64_t step) const {
  const auto& o = options();
  const auto [period, fraction] = place(static_cast<double>(step) / o.first_decay_steps, o.t_mul);
  const double wave = 0.5 * std::pow(o.m_mul, period) * (1 + std::cos(std::numbers::pi * fraction));
  return o.initial_learning_rate * ((1 - o.alpha) * wave + o.alpha);
}

void register_cosine_decay_restarts(ScheduleRegistry& registry) {
  registry.add<CosineDecayRestarts>();
}

}  // namespace assay::training::schedules
