// SPDX-License-Identifier: Apache-2.0
#include <assay/losses/registry.h>
#include <assay/losses/script_loss.h>

#include <nlohmann/json.hpp>

namespace assay::losses {

void register_builtin(LossRegistry& registry);  // written by CMake

LossRegistry& registry() {
  // Never destroyed: other static objects may still look names up while the program ends.
  static auto& losses = *[] {
    auto* made = new LossRegistry("loss", "keras.losses");
    register_builtin(*made);
    made->read_scripts_with([](const std::string& path) { return script_entry(path); });
    return made;
  }();
  return losses;
}

std::shared_ptr<Loss> get(const std::string& name_or_json) {
  return registry().get(std::string_view(name_or_json));
}
std::shared_ptr<Loss> get(const char* name_or_json) { return get(std::string(name_or_json)); }
std::shared_ptr<Loss> get(const Json& identifier) { return registry().get(identifier); }
std::shared_ptr<Loss> get(const nlohmann::json& identifier) { return get(Json(identifier)); }

std::shared_ptr<Loss> from_config(std::string_view class_name, const Json& config) {
  return registry().get(Json{{"class_name", class_name}, {"config", config}});
}

Json serialize(const Loss& loss) {
  return registry().serialize(loss.class_name(), loss.get_config());
}

}  // namespace assay::losses
