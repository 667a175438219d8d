// SPDX-License-Identifier: Apache-2.0
// Names to factories: how a loss, a metric or any other part is made from a name or from JSON.
#pragma once
#include <assay/core/options/json.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

class Fields;

/// What a registry knows of one class.
struct RegistryEntry {
  std::string class_name;            ///< "Huber"; a plugin's is "package>Name".
  std::vector<std::string> aliases;  ///< Further names: "huber", "mse" ...
  const Fields* fields = nullptr;    ///< Its options; null where it describes none.
  /// Makes an object of options. Errors: ValueError that names the option.
  std::function<std::shared_ptr<void>(const Json& config)> make;
};

/// The part of a registry that does not depend on what it makes. Safe to use from many threads.
class RegistryTable {
 public:
  /// `kind` names what is registered in messages ("loss"), `module` is Keras's ("keras.losses").
  RegistryTable(std::string kind, std::string module);
  ~RegistryTable();
  RegistryTable(const RegistryTable&) = delete;

  /// Errors: ValueError where the class name or an alias is taken; nothing is then registered.
  /// Within a RegistryTransaction it is registered, or found taken, by the commit.
  void add_entry(RegistryEntry entry);

  /// Classes of paths that end with ".pt": what `read` makes of such a file.
  void read_scripts_with(std::function<RegistryEntry(const std::string& path)> read);

  /// Takes a class and its aliases out; nothing happens where it is not there.
  void remove(std::string_view class_name);

  /// Class names in alphabetical order.
  std::vector<std::string> names() const;

  /// Whether a class has this name or alias.
  bool contains(std::string_view name_or_alias) const;

  /// Errors: ValueError that suggests the nearest name; for a path, what is wrong with the file.
  RegistryEntry entry(std::string_view name_or_alias) const;

  ///@{
  /// Makes an object from a name ("mse"), JSON text, or JSON: a string, {"class_name", "config"},
  /// or Keras's {"module", "class_name", "config", "registered_name"}.
  std::shared_ptr<void> make(const Json& identifier) const;
  std::shared_ptr<void> make(std::string_view name_or_text) const;
  ///@}

  /// {"module", "class_name", "config", "registered_name"}: Keras's `serialize`.
  Json serialize(std::string_view class_name, const Json& config) const;

  /// What is registered, for messages: "loss".
  const std::string& kind() const;
  /// Keras's module: "keras.losses".
  const std::string& module() const;

 private:
  friend class RegistryTransaction;

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The registry of one kind of object.
template <class Base>
class Registry : public RegistryTable {
 public:
  using RegistryTable::RegistryTable;

  /// Registers `T`, made from its `Options`, under its class name, Keras's snake case of it, and
  /// `aliases`. A plugin's class name is "package>Name"; its aliases get the package too.
  template <class T>
  void add(std::vector<std::string> aliases = {});

  ///@{
  /// `make`, with its type.
  std::shared_ptr<Base> get(const Json& identifier) const {
    return std::static_pointer_cast<Base>(make(identifier));
  }
  std::shared_ptr<Base> get(std::string_view name_or_text) const {
    return std::static_pointer_cast<Base>(make(name_or_text));
  }
  ///@}
};

}  // namespace assay
