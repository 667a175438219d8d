// SPDX-License-Identifier: Apache-2.0
#include <assay/registry/identifier.h>
#include <assay/training/callbacks/registry.h>
#include <assay/training/data/relative_paths.h>

namespace assay::training::callbacks {

void register_builtin(CallbackRegistry& registry);  // written by CMake

CallbackRegistry& registry() {
  // Never destroyed: other static objects may still look names up while the program ends.
  static auto& callbacks = *[] {
    auto* made = new CallbackRegistry("callback", "keras.callbacks");
    register_builtin(*made);
    return made;
  }();
  return callbacks;
}

std::shared_ptr<Callback> get(const std::string& name_or_json,
                              const std::filesystem::path& folder) {
  return get(identifier_json(name_or_json, registry().kind()), folder);
}

std::shared_ptr<Callback> get(const char* name_or_json, const std::filesystem::path& folder) {
  return get(std::string(name_or_json), folder);
}

std::shared_ptr<Callback> get(const Json& identifier, const std::filesystem::path& folder) {
  if (folder.empty()) return registry().get(identifier);
  return registry().get(with_paths_in(folder, identifier, registry()));
}

std::shared_ptr<Callback> get(const nlohmann::json& identifier,
                              const std::filesystem::path& folder) {
  return get(Json(identifier), folder);
}

}  // namespace assay::training::callbacks
