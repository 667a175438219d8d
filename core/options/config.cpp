// SPDX-License-Identifier: Apache-2.0
#include <assay/core/options/config.h>
#include <assay/core/options/names.h>
#include <c10/util/Exception.h>

namespace assay {

Fields::Fields(std::string class_name, std::vector<std::unique_ptr<Field>> list,
               std::shared_ptr<const void> defaults)
    : class_name_(std::move(class_name)), list_(std::move(list)), defaults_(std::move(defaults)) {}

Json Fields::to_config(const void* options) const {
  auto config = Json::object();
  for (const auto& field : list_) {
    auto value = field->write(options);
    if (field->origin == Origin::kAssay && value == field->write(defaults())) continue;
    config[field->name] = std::move(value);
  }
  return config;
}

void Fields::from_config(const Json& config, void* options) const {
  if (!config.is_object()) wrong_value(config, class_name_, "an object of options");
  for (const auto& [key, value] : config.items()) {
    const auto found = std::find_if(list_.begin(), list_.end(), [&, &key = key](const auto& field) {
      return field->name == key;
    });
    if (found == list_.end()) {
      std::vector<std::string> known;
      for (const auto& field : list_) known.push_back(field->name);
      TORCH_CHECK_VALUE(false, class_name_, ".", shown(key), ": unknown key.",
                        did_you_mean(key, known), " Known keys: ", join(known));
    }
    (*found)->read(options, value, class_name_ + "." + key);
  }
  check(options);
}

void Fields::check(const void* options) const {
  for (const auto& field : list_) {
    const auto rule = field->broken_rule(options);
    TORCH_CHECK_VALUE(rule.empty(), class_name_, ".", field->name, ": must be ", rule, ", got ",
                      shown(field->write(options)));
  }
}

Json Fields::schema() const {
  Json properties = Json::object();
  for (const auto& field : list_) {
    auto schema = field->schema();
    schema["description"] =
        field->rule().empty() ? field->doc : field->doc + " Must be " + field->rule() + ".";
    schema["default"] = field->write(defaults());
    properties[field->name] = std::move(schema);
  }
  return {{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
}

}  // namespace assay
