// SPDX-License-Identifier: Apache-2.0
// Definitions of ScheduleOf, for the one source that defines a schedule.
#pragma once
#include <assay/core/options/config.h>
#include <assay/registry/registry-inl.h>
#include <assay/training/schedules/registry.h>
#include <assay/training/schedules/schedule.h>

namespace assay::training::schedules {

template <class Derived, class Options>
ScheduleOf<Derived, Options>::ScheduleOf(Options options) : options_(checked(std::move(options))) {}

template <class Derived, class Options>
Json ScheduleOf<Derived, Options>::get_config() const {
  return fields_of<Options>().to_config(&options_);
}

}  // namespace assay::training::schedules
