// SPDX-License-Identifier: Apache-2.0
#include <assay/training/schedules/registry.h>

#include <nlohmann/json.hpp>

namespace assay::training::schedules {

void register_builtin(ScheduleRegistry& registry);  // written by CMake

ScheduleRegistry& registry() {
  // Never destroyed: other static objects may still look names up while the program ends.
  static auto& schedules = *[] {
    auto* made = new ScheduleRegistry("schedule", "keras.optimizers.schedules");
    register_builtin(*made);
    return made;
  }();
  return schedules;
}

std::shared_ptr<Schedule> get(const std::string& name_or_json) {
  return registry().get(std::string_view(name_or_json));
}
std::shared_ptr<Schedule> get(const char* name_or_json) { return get(std::string(name_or_json)); }
std::shared_ptr<Schedule> get(const Json& identifier) { return registry().get(identifier); }
std::shared_ptr<Schedule> get(const nlohmann::json& identifier) { return get(Json(identifier)); }

Json serialize(const Schedule& schedule) {
  return registry().serialize(schedule.class_name(), schedule.get_config());
}

}  // namespace assay::training::schedules
