// SPDX-License-Identifier: Apache-2.0
// The options of a class out of a TorchScript file: those that every class of its kind has, and the
// numbers, flags and texts among the attributes of its module. For sources.
#pragma once
#include <assay/core/options/config.h>
#include <assay/core/options/names.h>
#include <assay/core/script_module.h>
#include <assay/registry/registry.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#pragma GCC visibility push(hidden)
namespace assay {

/// Attributes by name: float, int, bool or str.
using ScriptAttributes = std::map<std::string, c10::IValue>;

/// `Base` is the struct of options that every class of its kind has.
template <class Base>
struct ScriptOptions : Base {
  ScriptAttributes attributes;  ///< The options that are the script's own.
};

/// The attribute that names what a script is registered as; it is no option.
inline constexpr auto kRegisteredName = "registered_name";

/// The attributes that are options. Private ones ("_x") are not.
ScriptAttributes script_attributes(const torch::jit::Module& module);

/// Gives a module's attributes these values; it must have them.
void set_script_attributes(torch::jit::Module& module, const ScriptAttributes& attributes);

/// The module's `registered_name`. Errors: ValueError that names `path`, where it has none.
std::string script_registered_name(const torch::jit::Module& module, const std::string& path);

/// The name in logs: "charbonnier" of "mine>Charbonnier", and of "losses/charbonnier.pt".
std::string script_label(const std::string& class_name);

namespace detail {

Json write_attribute(const c10::IValue& value);
void read_attribute(const Json& in, c10::IValue& value, const std::string& path);
Json attribute_schema(const c10::IValue& value);

template <class Base>
class AttributeField final : public Field {
 public:
  AttributeField(const std::string& name, const c10::IValue& initial)
      : Field(name.c_str(), "An attribute of the script.", Origin::kKeras), initial_(initial) {}

  Json write(const void* options) const override {
    return write_attribute(of(options).attributes.at(name));
  }
  void read(void* options, const Json& in, const std::string& path) const override {
    auto* base = static_cast<Base*>(options);
    read_attribute(in, static_cast<ScriptOptions<Base>*>(base)->attributes.at(name), path);
  }
  std::string broken_rule(const void*) const override { return ""; }
  std::string rule() const override { return ""; }
  Json schema() const override { return attribute_schema(initial_); }

 private:
  static const ScriptOptions<Base>& of(const void* options) {
    return *static_cast<const ScriptOptions<Base>*>(static_cast<const Base*>(options));
  }
  c10::IValue initial_;
};

}  // namespace detail

/// A script as a class: what all objects made of it share. The fields take a `Base*` that points
/// into a ScriptOptions<Base>.
template <class Base>
struct ScriptClass {
  std::string name;                      ///< The class name.
  std::string path;                      ///< The file.
  torch::jit::Module module;             ///< What the file holds; objects have copies of it.
  ScriptOptions<Base> defaults;          ///< The attributes as the file has them.
  std::shared_ptr<const Fields> fields;  ///< Of Base, then one an attribute.

  /// Options as a configuration.
  Json to_config(const ScriptOptions<Base>& options) const {
    return fields->to_config(static_cast<const Base*>(&options));
  }
  /// A configuration as options. Errors: as `Fields::from_config`.
  ScriptOptions<Base> from_config(const Json& config) const {
    auto options = defaults;
    fields->from_config(config, static_cast<Base*>(&options));
    return options;
  }
};

/// The class of a file: called after its path, or, where `registered`, by its `registered_name`.
/// Errors: ValueError that names the file: it is no TorchScript file, has no name, or an attribute
/// has the name of one of Base's options.
template <class Base>
std::shared_ptr<const ScriptClass<Base>> script_class(const std::string& path, bool registered) {
  auto module = load_script(path);
  const auto name = registered ? script_registered_name(module, path) : path;
  auto made = std::make_shared<ScriptClass<Base>>(ScriptClass<Base>{
      .name = name, .path = path, .module = module, .defaults = {}, .fields = {}});
  made->defaults.name = script_label(name);
  made->defaults.attributes = script_attributes(module);
  auto list = std::apply(
      [](const auto&... spec) {
        std::vector<std::unique_ptr<Field>> list;
        (list.push_back(detail::erase(spec)), ...);
        return list;
      },
      Base::fields());
  for (const auto& [attribute, value] : made->defaults.attributes) {
    for (const auto& field : list) {
      TORCH_CHECK_VALUE(field->name != attribute, path, ": its attribute '", attribute,
                        "' has the name of an option that every such class has");
    }
    list.push_back(std::make_unique<detail::AttributeField<Base>>(attribute, value));
  }
  auto defaults = std::make_shared<const ScriptOptions<Base>>(made->defaults);
  made->fields = std::make_shared<const Fields>(
      name, std::move(list),
      std::shared_ptr<const void>(defaults, static_cast<const Base*>(defaults.get())));
  return made;
}

/// Makes a `Made`, as a `Kind`, of each configuration.
template <class Kind, class Made, class Base>
RegistryEntry script_entry_of(std::shared_ptr<const ScriptClass<Base>> script) {
  std::vector<std::string> aliases;
  if (script->name != script->path) aliases = {snake_case(script->name)};
  return {.class_name = script->name,
          .aliases = std::move(aliases),
          .fields = script->fields.get(),
          .make = [script](const Json& config) -> std::shared_ptr<void> {
            std::shared_ptr<Kind> made =
                std::make_shared<Made>(script, script->from_config(config));
            return made;
          }};
}

}  // namespace assay
#pragma GCC visibility pop
