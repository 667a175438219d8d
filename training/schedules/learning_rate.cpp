// SPDX-License-Identifier: Apache-2.0
#include <assay/core/options/config.h>
#include <assay/training/schedules/learning_rate.h>
#include <assay/training/schedules/registry.h>
#include <c10/util/Exception.h>

namespace assay::training::schedules {

Json write_value(const LearningRate& value) {
  return value.is_schedule() ? serialize(*value.schedule()) : Json(value(0));
}

void read_value(const Json& in, LearningRate& value, const std::string& path) {
  if (in.is_number()) {
    double constant = 0;
    assay::read_value(in, constant, path);
    value = constant;
    return;
  }
  if (!in.is_object() && !in.is_string()) wrong_value(in, path, "a number, or a schedule");
  try {
    value = std::shared_ptr<const Schedule>(get(in));
  } catch (const c10::ValueError& error) {
    TORCH_CHECK_VALUE(false, path, ": ", error.what_without_backtrace());
  }
}

Json value_schema(const LearningRate*) {
  Json schedules = Json::array();
  for (const auto& name : registry().names()) {
    schedules.push_back(
        {{"type", "object"},
         {"properties",
          {{"class_name", {{"const", name}}}, {"config", registry().entry(name).fields->schema()}}},
         {"required", Json::array({"class_name"})}});
  }
  return {{"anyOf", Json::array({{{"type", "number"}}, {{"oneOf", schedules}}})}};
}

}  // namespace assay::training::schedules
