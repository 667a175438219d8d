// SPDX-License-Identifier: Apache-2.0
#include <assay/training/schedules/piecewise_constant_decay.h>
#include <assay/training/schedules/schedule-inl.h>
#include <c10/util/Exception.h>

#include <algorithm>

namespace assay::training::schedules {

PiecewiseConstantDecay::PiecewiseConstantDecay(Options given) : ScheduleOf(std::move(given)) {
  const auto& [boundaries, values, name] = options();
  TORCH_CHECK_VALUE(values.size() == boundaries.size() + 1, "PiecewiseConstantDecay.values: has ",
                    values.size(), " numbers, boundaries has ", boundaries.size(),
                    "; expected one more than boundaries");
  TORCH_CHECK_VALUE(std::ranges::is_sorted(boundaries, std::less_equal()),
                    "PiecewiseConstantDecay.boundaries: must increase, got ",
                    shown(assay::write_value(boundaries)));
  TORCH_CHECK_VALUE(std::ranges::all_of(values, not_negative.holds),
                    "PiecewiseConstantDecay.values: must be ", not_negative.rule, ", got ",
                    shown(assay::write_value(values)));
}

double PiecewiseConstantDecay::operator()(std::int64_t step) const {
  const auto& [boundaries, values, name] = options();
  const auto at = std::ranges::lower_bound(boundaries, static_cast<double>(step));
  return values[static_cast<std::size_t>(at - boundaries.begin())];
}

void register_piecewise_constant_decay(ScheduleRegistry& registry) {
  registry.add<PiecewiseConstantDecay>();
}

}  // namespace assay::training::schedules
