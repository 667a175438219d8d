// SPDX-License-Identifier: Apache-2.0
#include <assay/metrics/registry.h>
#include <assay/metrics/script_metric.h>

#include <nlohmann/json.hpp>

namespace assay::metrics {

void register_builtin(MetricRegistry& registry);  // written by CMake

MetricRegistry& registry() {
  // Never destroyed: other static objects may still look names up while the program ends.
  static auto& metrics = *[] {
    auto* made = new MetricRegistry("metric", "keras.metrics");
    register_builtin(*made);
    made->read_scripts_with([](const std::string& path) { return script_entry(path); });
    return made;
  }();
  return metrics;
}

std::shared_ptr<Metric> get(const std::string& name_or_json) {
  return registry().get(std::string_view(name_or_json));
}
std::shared_ptr<Metric> get(const char* name_or_json) { return get(std::string(name_or_json)); }
std::shared_ptr<Metric> get(const Json& identifier) { return registry().get(identifier); }
std::shared_ptr<Metric> get(const nlohmann::json& identifier) { return get(Json(identifier)); }

std::shared_ptr<Metric> from_config(std::string_view class_name, const Json& config) {
  return registry().get(Json{{"class_name", class_name}, {"config", config}});
}

Json serialize(const Metric& metric) {
  return registry().serialize(metric.class_name(), metric.get_config());
}

}  // namespace assay::metrics
