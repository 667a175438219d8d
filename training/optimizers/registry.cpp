// SPDX-License-Identifier: Apache-2.0
#include <assay/training/optimizers/registry.h>

#include <nlohmann/json.hpp>

namespace assay::training::optimizers {

void register_builtin(OptimizerRegistry& registry);  // written by CMake

OptimizerRegistry& registry() {
  // Never destroyed: other static objects may still look names up while the program ends.
  static auto& optimizers = *[] {
    auto* made = new OptimizerRegistry("optimizer", "keras.optimizers");
    register_builtin(*made);
    return made;
  }();
  return optimizers;
}

std::shared_ptr<Optimizer> get(const std::string& name_or_json) {
  return registry().get(std::string_view(name_or_json));
}
std::shared_ptr<Optimizer> get(const char* name_or_json) { return get(std::string(name_or_json)); }
std::shared_ptr<Optimizer> get(const Json& identifier) { return registry().get(identifier); }
std::shared_ptr<Optimizer> get(const nlohmann::json& identifier) { return get(Json(identifier)); }

Json serialize(const Optimizer& optimizer) {
  return registry().serialize(optimizer.class_name(), optimizer.get_config());
}

}  // namespace assay::training::optimizers
