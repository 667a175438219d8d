// SPDX-License-Identifier: Apache-2.0
#include <assay/registry/identifier.h>
#include <assay/registry/script_options.h>

#include <filesystem>

namespace assay {

ScriptAttributes script_attributes(const torch::jit::Module& module) {
  ScriptAttributes attributes;
  for (const auto& attribute : module.named_attributes(/*recurse=*/false)) {
    const auto& value = attribute.value;
    const bool is_option = value.isDouble() || value.isInt() || value.isBool() || value.isString();
    const bool is_own = attribute.name == "training" || attribute.name == kRegisteredName ||
                        attribute.name.starts_with('_');
    if (is_option && !is_own) attributes.emplace(attribute.name, value);
  }
  return attributes;
}

void set_script_attributes(torch::jit::Module& module, const ScriptAttributes& attributes) {
  for (const auto& [name, value] : attributes) module.setattr(name, value);
}

std::string script_registered_name(const torch::jit::Module& module, const std::string& path) {
  const bool named = module.hasattr(kRegisteredName) && module.attr(kRegisteredName).isString();
  TORCH_CHECK_VALUE(named, path, ": its module has no attribute ", kRegisteredName,
                    "; expected a name like 'package>Name', by which it is registered");
  return module.attr(kRegisteredName).toStringRef();
}

std::string script_label(const std::string& class_name) {
  if (is_script_path(class_name)) return std::filesystem::path(class_name).stem().string();
  return snake_case(class_name.substr(class_name.find('>') + 1));
}

namespace detail {

Json write_attribute(const c10::IValue& value) {
  if (value.isBool()) return assay::write_value(value.toBool());
  if (value.isInt()) return assay::write_value(value.toInt());
  if (value.isDouble()) return assay::write_value(value.toDouble());
  return assay::write_value(value.toStringRef());
}

namespace {

template <class T>
void read_as(const Json& in, c10::IValue& value, const std::string& path) {
  T read{};
  assay::read_value(in, read, path);
  value = std::move(read);
}

}  // namespace

void read_attribute(const Json& in, c10::IValue& value, const std::string& path) {
  if (value.isBool()) return read_as<bool>(in, value, path);
  if (value.isInt()) return read_as<std::int64_t>(in, value, path);
  if (value.isDouble()) return read_as<double>(in, value, path);
  read_as<std::string>(in, value, path);
}

Json attribute_schema(const c10::IValue& value) {
  if (value.isBool()) return value_schema(static_cast<const bool*>(nullptr));
  if (value.isInt()) return value_schema(static_cast<const std::int64_t*>(nullptr));
  if (value.isDouble()) return value_schema(static_cast<const double*>(nullptr));
  return value_schema(static_cast<const std::string*>(nullptr));
}

}  // namespace detail

}  // namespace assay
