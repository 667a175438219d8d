// SPDX-License-Identifier: Apache-2.0
// Learning rate schedules by name and from JSON.
#pragma once
#include <assay/core/options/json.h>
#include <assay/registry/registry.h>
#include <assay/training/schedules/schedule.h>

#include <memory>
#include <string>

namespace assay::training::schedules {

/// The registry of schedules.
using ScheduleRegistry = Registry<Schedule>;

/// All known schedules: assay's own, and what plugins and the program added.
ScheduleRegistry& registry();

///@{
/// A schedule from JSON, or JSON text, in Keras's shape or short.
/// Errors: ValueError that names the JSON path and the nearest known name.
/// Source: keras.optimizers.schedules.deserialize.
std::shared_ptr<Schedule> get(const std::string& name_or_json);
std::shared_ptr<Schedule> get(const char* name_or_json);
std::shared_ptr<Schedule> get(const Json& identifier);
std::shared_ptr<Schedule> get(const nlohmann::json& identifier);
///@}

/// {"module", "class_name", "config", "registered_name"}.
/// Source: keras.optimizers.schedules.serialize.
Json serialize(const Schedule& schedule);

}  // namespace assay::training::schedules
