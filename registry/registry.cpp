// SPDX-License-Identifier: Apache-2.0
#include <assay/core/options/config.h>
#include <assay/core/options/names.h>
#include <assay/registry/identifier.h>
#include <assay/registry/registry.h>
#include <assay/registry/transaction.h>
#include <c10/util/Exception.h>

#include <map>
#include <mutex>
#include <set>
#include <shared_mutex>

namespace assay {

struct RegistryTable::Impl {
  std::string kind;
  std::string module;
  mutable std::shared_mutex mutex;
  std::map<std::string, RegistryEntry, std::less<>> entries;    // by class name
  std::map<std::string, std::string, std::less<>> class_names;  // by class name or alias
  std::function<RegistryEntry(const std::string& path)> read_script;

  std::vector<std::string> known_names() const {
    std::vector<std::string> known;
    for (const auto& [name, class_name] : class_names) known.push_back(name);
    return known;
  }

  // Errors: ValueError where a name is taken; nothing is then changed.
  void add(RegistryEntry entry) {
    std::vector<std::string> names = {entry.class_name};
    for (const auto& alias : entry.aliases) {
      if (std::find(names.begin(), names.end(), alias) == names.end()) names.push_back(alias);
    }
    for (const auto& name : names) {
      const auto taken = class_names.find(name);
      TORCH_CHECK_VALUE(taken == class_names.end(), "cannot register the ", kind, " '",
                        entry.class_name, "': the name '", name, "' belongs to '", taken->second,
                        "' already");
    }
    for (const auto& name : names) class_names.emplace(name, entry.class_name);
    auto class_name = entry.class_name;
    entries.emplace(std::move(class_name), std::move(entry));
  }

  void remove(std::string_view class_name) {
    const auto found = entries.find(class_name);
    if (found == entries.end()) return;
    std::erase_if(class_names, [&](const auto& item) { return item.second == class_name; });
    entries.erase(found);
  }
};

namespace {
thread_local RegistryTransaction* current_transaction = nullptr;
}

RegistryTable::RegistryTable(std::string kind, std::string module)
    : impl_(std::make_unique<Impl>()) {
  impl_->kind = std::move(kind);
  impl_->module = std::move(module);
}

RegistryTable::~RegistryTable() = default;

void RegistryTable::add_entry(RegistryEntry entry) {
  if (current_transaction) {
    current_transaction->held_.push_back({this, std::move(entry)});
    return;
  }
  const std::unique_lock lock(impl_->mutex);
  impl_->add(std::move(entry));
}

void RegistryTable::read_scripts_with(std::function<RegistryEntry(const std::string& path)> read) {
  impl_->read_script = std::move(read);
}

void RegistryTable::remove(std::string_view class_name) {
  TORCH_CHECK_VALUE(!current_transaction, "cannot remove the ", impl_->kind, " '", class_name,
                    "' while a plugin registers");
  const std::unique_lock lock(impl_->mutex);
  impl_->remove(class_name);
}

std::vector<std::string> RegistryTable::names() const {
  const std::shared_lock lock(impl_->mutex);
  std::vector<std::string> names;
  for (const auto& [name, entry] : impl_->entries) names.push_back(name);
  return names;
}

bool RegistryTable::contains(std::string_view name_or_alias) const {
  const std::shared_lock lock(impl_->mutex);
  return impl_->class_names.find(name_or_alias) != impl_->class_names.end();
}

RegistryEntry RegistryTable::entry(std::string_view name_or_alias) const {
  if (impl_->read_script && is_script_path(name_or_alias)) {
    return impl_->read_script(std::string(name_or_alias));
  }
  const std::shared_lock lock(impl_->mutex);
  const auto found = impl_->class_names.find(name_or_alias);
  if (found == impl_->class_names.end()) {
    std::vector<std::string> classes;
    for (const auto& [name, known] : impl_->entries) classes.push_back(name);
    TORCH_CHECK_VALUE(false, "unknown ", impl_->kind, " ", shown(std::string(name_or_alias)), ".",
                      did_you_mean(name_or_alias, impl_->known_names()),
                      name_or_alias.find('>') == std::string_view::npos
                          ? ""
                          : " Names with a '>' are those of plugins, which must be loaded first.",
                      " Known: ", join(classes));
  }
  return impl_->entries.find(found->second)->second;
}

std::shared_ptr<void> RegistryTable::make(const Json& identifier) const {
  const auto parsed = parse_identifier(identifier, impl_->kind);
  return entry(parsed.name).make(parsed.config);
}

std::shared_ptr<void> RegistryTable::make(std::string_view name_or_text) const {
  return make(identifier_json(name_or_text, impl_->kind));
}

Json RegistryTable::serialize(std::string_view class_name, const Json& config) const {
  // Keras resolves its own classes by module, and everyone else's by registered name.
  const bool script = is_script_path(class_name);
  const bool plugin = !script && class_name.find('>') != std::string_view::npos;
  return {{"module", plugin || script ? Json(nullptr) : Json(impl_->module)},
          {"class_name", class_name.substr(plugin ? class_name.find('>') + 1 : 0)},
          {"config", config},
          {"registered_name", plugin ? Json(class_name) : Json(nullptr)}};
}

const std::string& RegistryTable::kind() const { return impl_->kind; }
const std::string& RegistryTable::module() const { return impl_->module; }

RegistryTransaction::RegistryTransaction() : outer_(current_transaction) {
  current_transaction = this;
}

RegistryTransaction::~RegistryTransaction() { current_transaction = outer_; }

void RegistryTransaction::commit() {
  std::set<RegistryTable*>
      tables;  // in one order for all threads, or two could wait for each other
  for (const auto& held : held_) tables.insert(held.table);
  std::vector<std::unique_lock<std::shared_mutex>> locks;
  for (auto* table : tables) locks.emplace_back(table->impl_->mutex);
  std::size_t added = 0;
  try {
    for (; added < held_.size(); ++added) held_[added].table->impl_->add(held_[added].entry);
  } catch (...) {
    for (std::size_t i = 0; i < added; ++i) {
      held_[i].table->impl_->remove(held_[i].entry.class_name);
    }
    throw;
  }
  held_.clear();
}

RegistryTransaction::Pause::Pause() : paused_(current_transaction) {
  current_transaction = nullptr;
}

RegistryTransaction::Pause::~Pause() { current_transaction = paused_; }

}  // namespace assay
