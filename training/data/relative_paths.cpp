// SPDX-License-Identifier: Apache-2.0
#include <assay/core/options/config.h>
#include <assay/registry/identifier.h>
#include <assay/training/data/relative_paths.h>

namespace assay::training {
namespace {

// {"type": "string", "format": "path"}, also as one of several possibilities.
bool is_path(const Json& schema) {
  if (schema.value("format", "") == "path") return true;
  if (!schema.contains("anyOf")) return false;
  for (const auto& possibility : schema["anyOf"]) {
    if (is_path(possibility)) return true;
  }
  return false;
}

}  // namespace

Json with_paths_in(const std::filesystem::path& folder, const Json& identifier,
                   const RegistryTable& registry) {
  const auto is_script = [](const Json& name) {
    return name.is_string() && is_script_path(name.get_ref<const std::string&>());
  };
  const auto in_folder = [&](const Json& path) {
    return (folder / path.get<std::string>()).string();  // an absolute path replaces the folder
  };
  if (is_script(identifier)) return in_folder(identifier);
  if (!identifier.is_object() || !identifier.contains("class_name")) return identifier;
  if (is_script(identifier["class_name"])) {
    auto placed = identifier;
    placed["class_name"] = in_folder(identifier["class_name"]);
    return placed;
  }
  if (!identifier.contains("config") || !identifier["config"].is_object()) return identifier;
  const auto name = parse_identifier(identifier, registry.kind()).name;
  const auto* fields = registry.contains(name) ? registry.entry(name).fields : nullptr;
  if (!fields) return identifier;
  auto placed = identifier;
  for (const auto& field : fields->list()) {
    if (!is_path(field->schema()) || !placed["config"].contains(field->name)) continue;
    auto& value = placed["config"][field->name];
    if (!value.is_string() || value.get_ref<const std::string&>().empty()) continue;
    value = in_folder(value);
  }
  return placed;
}

}  // namespace assay::training
