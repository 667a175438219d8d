// SPDX-License-Identifier: Apache-2.0
#include <assay/core/options/field_values.h>
#include <assay/training/data/relative_paths.h>
#include <assay/training/layers/registry.h>

#include <nlohmann/json.hpp>

namespace assay::training::layers {
namespace {

// Layers inside layers have paths too.
Json placed(const Json& model, const std::filesystem::path& folder) {
  if (model.is_array()) {
    Json list = Json::array();
    for (const auto& layer : model) list.push_back(placed(layer, folder));
    return list;
  }
  auto whole = with_paths_in(folder, model, registry());
  if (whole.is_object() && whole.contains("config") && whole["config"].is_object() &&
      whole["config"].contains("layers")) {
    whole["config"]["layers"] = placed(whole["config"]["layers"], folder);
  }
  return whole;
}

}  // namespace

void register_builtin(LayerRegistry& registry);  // written by CMake

LayerRegistry& registry() {
  // Never destroyed: other static objects may still look names up while the program ends.
  static auto& layers = *[] {
    auto* made = new LayerRegistry("layer", "keras.layers");
    register_builtin(*made);
    return made;
  }();
  return layers;
}

std::shared_ptr<Layer> get(const std::string& name_or_json) {
  return registry().get(std::string_view(name_or_json));
}
std::shared_ptr<Layer> get(const char* name_or_json) { return get(std::string(name_or_json)); }
std::shared_ptr<Layer> get(const Json& identifier) { return registry().get(identifier); }
std::shared_ptr<Layer> get(const nlohmann::json& identifier) { return get(Json(identifier)); }

Json serialize(const Layer& layer) {
  return registry().serialize(layer.class_name(), layer.get_config());
}

std::shared_ptr<Layer> build_model(const Json& model, const std::filesystem::path& folder) {
  const auto whole = placed(model, folder);
  if (!whole.is_array()) return get(whole);
  return get(Json{{"class_name", "Sequential"}, {"config", {{"layers", whole}}}});
}

}  // namespace assay::training::layers
