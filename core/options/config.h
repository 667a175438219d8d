// SPDX-License-Identifier: Apache-2.0
// What a field list gives: JSON both ways, checks, schema. For sources: it costs nlohmann's header.
#pragma once
#include <assay/core/options/field_values.h>
#include <assay/core/options/fields.h>
#include <assay/core/options/json.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace assay {

/// A field with the types of its struct and member erased.
class Field {
 public:
  /// What the line in the field list says.
  Field(const char* name, const char* doc, Origin origin) : name(name), doc(doc), origin(origin) {}
  virtual ~Field() = default;

  /// The option as JSON. `options` is the struct, here and below.
  virtual Json write(const void* options) const = 0;
  /// Sets the option. Errors: ValueError that begins with `path`, where the type is wrong; rules
  /// are not checked.
  virtual void read(void* options, const Json& in, const std::string& path) const = 0;
  /// The rule that the value breaks, or "".
  virtual std::string broken_rule(const void* options) const = 0;
  /// What completes "must be ...", or "".
  virtual std::string rule() const = 0;
  /// The JSON Schema of the type.
  virtual Json schema() const = 0;

  const std::string name;  ///< The key in configurations.
  const std::string doc;   ///< What the option means.
  const Origin origin;     ///< Whether Keras has it.
};

/// The erased field list of one options struct.
class Fields {
 public:
  /// `defaults` is the struct as it is made, which lives as long as this does.
  Fields(std::string class_name, std::vector<std::unique_ptr<Field>> list,
         std::shared_ptr<const void> defaults);

  /// The struct's `class_name`, with which errors begin.
  const std::string& class_name() const { return class_name_; }
  /// The fields, in their order.
  const std::vector<std::unique_ptr<Field>>& list() const { return list_; }
  /// The options where nothing is given.
  const void* defaults() const { return defaults_.get(); }

  /// The configuration: Keras's fields always, assay's own where they differ from their default.
  Json to_config(const void* options) const;

  /// Reads the keys that `config` has over the values that `options` holds.
  /// Errors: ValueError with the path (`Huber.delta`) for an unknown key, a wrong type, a value out
  /// of range.
  void from_config(const Json& config, void* options) const;

  /// Checks every field's rule. Errors: ValueError.
  void check(const void* options) const;

  /// A JSON Schema of the configuration.
  Json schema() const;

 private:
  std::string class_name_;
  std::vector<std::unique_ptr<Field>> list_;
  std::shared_ptr<const void> defaults_;
};

#pragma GCC visibility push(hidden)
namespace detail {

template <class Options, class T>
class TypedField final : public Field {
 public:
  explicit TypedField(const FieldSpec<Options, T>& spec)
      : Field(spec.name, spec.doc, spec.origin), spec_(spec) {}

  Json write(const void* options) const override { return write_value(get(options)); }
  void read(void* options, const Json& in, const std::string& path) const override {
    read_value(in, static_cast<Options*>(options)->*spec_.member, path);
  }
  std::string broken_rule(const void* options) const override {
    const bool fine = !spec_.constraint.holds || spec_.constraint.holds(get(options));
    return fine ? "" : spec_.constraint.rule;
  }
  std::string rule() const override { return spec_.constraint.rule ? spec_.constraint.rule : ""; }
  Json schema() const override { return value_schema(static_cast<const T*>(nullptr)); }

 private:
  const T& get(const void* options) const {
    return static_cast<const Options*>(options)->*spec_.member;
  }
  FieldSpec<Options, T> spec_;
};

template <class Options, class T>
std::unique_ptr<Field> erase(const FieldSpec<Options, T>& spec) {
  return std::make_unique<TypedField<Options, T>>(spec);
}

}  // namespace detail
#pragma GCC visibility pop

/// The erased field list of `Options`, made once.
template <class Options>
const Fields& fields_of() {
  constexpr auto specs = Options::fields();
  static_assert(std::tuple_size_v<decltype(specs)> == detail::member_count<Options>(),
                "every member of the options struct needs one line in fields()");
  static const Fields erased = std::apply(
      [](const auto&... spec) {
        std::vector<std::unique_ptr<Field>> list;
        (list.push_back(detail::erase(spec)), ...);
        return Fields(Options::class_name, std::move(list), std::make_shared<const Options>());
      },
      specs);
  return erased;
}

/// The options that a configuration describes; keys left out keep their defaults.
template <class Options>
Options options_from(const Json& config) {
  Options options;
  fields_of<Options>().from_config(config, &options);
  return options;
}

/// Checks options given in code by the rules that hold for JSON. Errors: ValueError.
template <class Options>
Options checked(Options options) {
  fields_of<Options>().check(&options);
  return options;
}

}  // namespace assay
