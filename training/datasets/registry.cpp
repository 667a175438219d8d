// SPDX-License-Identifier: Apache-2.0
#include <assay/registry/identifier.h>
#include <assay/training/data/relative_paths.h>
#include <assay/training/datasets/registry.h>

#include <nlohmann/json.hpp>

namespace assay::training::datasets {

void register_builtin(DatasetRegistry& registry);  // written by CMake

DatasetRegistry& registry() {
  // Never destroyed: other static objects may still look names up while the program ends.
  static auto& datasets = *[] {
    auto* made = new DatasetRegistry("dataset", "assay.datasets");
    register_builtin(*made);
    return made;
  }();
  return datasets;
}

std::shared_ptr<Dataset> get(const std::string& name_or_json, const std::filesystem::path& folder) {
  return get(identifier_json(name_or_json, registry().kind()), folder);
}
std::shared_ptr<Dataset> get(const char* name_or_json, const std::filesystem::path& folder) {
  return get(std::string(name_or_json), folder);
}
std::shared_ptr<Dataset> get(const Json& identifier, const std::filesystem::path& folder) {
  return registry().get(with_paths_in(folder, identifier, registry()));
}
std::shared_ptr<Dataset> get(const nlohmann::json& identifier,
                             const std::filesystem::path& folder) {
  return get(Json(identifier), folder);
}

}  // namespace assay::training::datasets
