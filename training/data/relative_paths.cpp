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
  if (!identifier.is_object() || !identifier.contains("config") ||
      !identifier["config"].is_object()) {
    return identifier;
  }
  const auto name = parse_identifier(identifier, registry.kind()).name;
  const auto* fields = registry.contains(name) ? registry.entry(name).fields : nullptr;
  if (!fields) return identifier;
  auto placed = identifier;
  for (const auto& field : fields->list()) {
    if (!is_path(field->schema()) || !placed["config"].contains(field->name)) continue;
    auto& value = placed["config"][field->name];
    if (!value.is_string() || value.get_ref<const std::string&>().empty()) continue;
    value = (folder / value.get<std::string>()).string();  // an absolute path replaces the folder
  }
  return placed;
}

}  // namespace assay::training
