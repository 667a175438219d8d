// SPDX-License-Identifier: Apache-2.0
#include <assay/core/options/config.h>
#include <assay/core/options/names.h>

#include <iostream>
#include <memory>

#include "command.h"
#include "registries.h"
#include "usage_error.h"

namespace assay::tools {
namespace {

// "number", "integer or null", "one of sum, none", "list of number".
std::string type_text(const Json& schema) {
  std::vector<std::string> parts;
  if (schema.contains("anyOf")) {
    for (const auto& part : schema["anyOf"]) parts.push_back(type_text(part));
    return join(parts, " or ");
  }
  if (schema.contains("const")) return schema["const"].dump();
  if (schema.contains("enum")) {
    for (const auto& value : schema["enum"]) {
      parts.push_back(value.is_string() ? value.get<std::string>() : value.dump());
    }
    return "one of " + join(parts);
  }
  if (!schema.contains("type")) return "JSON";
  if (schema["type"] == "array" && schema.contains("items")) {
    return "list of " + type_text(schema["items"]);
  }
  if (schema["type"] == "string" && schema.value("format", "") == "path") return "path";
  return schema["type"].is_string() ? schema["type"].get<std::string>() : schema["type"].dump();
}

void describe_entry(const RegistryTable& table, const RegistryEntry& entry) {
  auto aliases = entry.aliases;
  std::erase(aliases, entry.class_name);
  std::cout << entry.class_name << ", a " << table.kind();
  if (!aliases.empty()) std::cout << " (also " << join(aliases) << ")";
  std::cout << '\n';
  if (!entry.fields) {
    std::cout << "  It describes no options.\n";
    return;
  }
  if (entry.fields->list().empty()) std::cout << "  It has no options.\n";
  for (const auto& field : entry.fields->list()) {
    std::cout << "\n  " << field->name << ": " << type_text(field->schema()) << ", default "
              << field->write(entry.fields->defaults()).dump() << "\n      " << field->doc;
    if (!field->rule().empty()) std::cout << " Must be " << field->rule() << ".";
    std::cout << '\n';
  }
}

using Entries = std::vector<std::pair<const RegistryTable*, RegistryEntry>>;

// Of every registry. Errors: UsageError for a name that none knows.
Entries entries_of(const std::string& name) {
  std::vector<std::string> known;
  Entries entries;
  for (const auto& [plural, table] : registries()) {
    for (const auto& class_name : table->names()) {
      known.push_back(class_name);
      for (const auto& alias : table->entry(class_name).aliases) known.push_back(alias);
    }
    if (table->contains(name)) entries.emplace_back(table, table->entry(name));
  }
  if (entries.empty()) {
    throw UsageError("unknown name '" + name + "'." + did_you_mean(name, known) +
                     " `assay list` shows all names");
  }
  return entries;
}

int describe(const std::vector<std::string>& names, bool as_json) {
  Entries entries;
  for (const auto& name : names) {
    for (auto& entry : entries_of(name)) entries.push_back(std::move(entry));
  }
  auto schemas = Json::array();
  for (const auto& [table, entry] : entries) {
    if (as_json) {
      schemas.push_back({{"kind", table->kind()},
                         {"class_name", entry.class_name},
                         {"aliases", entry.aliases},
                         {"config", entry.fields ? entry.fields->schema() : Json(nullptr)}});
    } else {
      if (&entry != &entries.front().second) std::cout << '\n';
      describe_entry(*table, entry);
    }
  }
  if (as_json) std::cout << schemas.dump(2) << '\n';
  return kDone;
}

}  // namespace

void add_describe(CLI::App& program, Action& action) {
  auto* command =
      program.add_subcommand("describe", "The options of a loss, a metric, a layer ...");
  auto names = std::make_shared<std::vector<std::string>>();
  auto as_json = std::make_shared<bool>(false);
  command->add_option("name", *names, "Class names or aliases")->required();
  command->add_flag("--json", *as_json, "Writes JSON Schema");
  command->callback([=, &action] { action = [=] { return describe(*names, *as_json); }; });
}

}  // namespace assay::tools
