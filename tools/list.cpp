// SPDX-License-Identifier: Apache-2.0
#include <assay/core/options/names.h>

#include <algorithm>
#include <iostream>
#include <memory>

#include "command.h"
#include "registries.h"
#include "usage_error.h"

namespace assay::tools {
namespace {

void list_names(const RegistryTable& table, const std::string& indent) {
  const auto names = table.names();
  std::size_t width = 0;
  for (const auto& name : names) width = std::max(width, name.size());
  for (const auto& name : names) {
    auto aliases = table.entry(name).aliases;
    std::erase(aliases, name);
    const auto padding = aliases.empty() ? "" : std::string(width - name.size() + 2, ' ');
    std::cout << indent << name << padding << join(aliases) << '\n';
  }
}

int list(const std::string& kind) {
  for (const auto& [plural, table] : registries()) {
    if (kind == plural) list_names(*table, "");
    if (!kind.empty()) continue;
    std::cout << plural << '\n';
    list_names(*table, "  ");
  }
  return kDone;
}

}  // namespace

void add_list(CLI::App& program, Action& action) {
  auto* command = program.add_subcommand("list", "Names that experiment files may use");
  auto kind = std::make_shared<std::string>();
  std::vector<std::string> kinds;
  for (const auto& registry : registries()) kinds.push_back(registry.plural);
  command->add_option("kind", *kind, "One of " + join(kinds) + "; without it all")
      ->check([kinds](const std::string& given) -> std::string {
        if (std::find(kinds.begin(), kinds.end(), given) != kinds.end()) return "";
        return "unknown kind '" + given + "'." + did_you_mean(given, kinds) +
               " Known: " + join(kinds);
      });
  command->callback([kind, &action] { action = [kind] { return list(*kind); }; });
}

}  // namespace assay::tools
