// SPDX-License-Identifier: Apache-2.0
#include <assay/losses/registry.h>
#include <assay/metrics/registry.h>
#include <assay/training/callbacks/registry.h>
#include <assay/training/datasets/registry.h>
#include <assay/training/experiment/experiment.h>
#include <assay/training/experiment/nested_options.h>
#include <assay/training/layers/registry.h>
#include <assay/training/optimizers/registry.h>
#include <assay/training/schedules/registry.h>

namespace assay::training {
namespace {

Json reference(const std::string& kind) { return {{"$ref", "#/$defs/" + kind}}; }

Json list_of(const std::string& kind) { return {{"type", "array"}, {"items", reference(kind)}}; }

Json either(Json a, Json b) { return {{"anyOf", {std::move(a), std::move(b)}}}; }

// One part: a name, or an object whose config is that of its class.
Json part_schema(const RegistryTable& registry, const std::vector<std::string>& more_names = {}) {
  auto names = Json::array();
  auto objects = Json::array();
  for (const auto& name : more_names) names.push_back(name);
  for (const auto& class_name : registry.names()) {
    const auto entry = registry.entry(class_name);
    auto spellings = Json::array({class_name});
    for (const auto& alias : entry.aliases) {
      if (alias != class_name) spellings.push_back(alias);
    }
    for (const auto& spelling : spellings) names.push_back(spelling);
    Json object = {{"type", "object"},
                   {"properties",
                    {{"class_name", {{"enum", spellings}}},
                     {"config", entry.fields ? entry.fields->schema() : Json{{"type", "object"}}},
                     {"module", {{"type", {"string", "null"}}}},
                     {"registered_name", {{"type", {"string", "null"}}}}}},
                   {"required", {"class_name"}},
                   {"additionalProperties", false}};
    objects.push_back(std::move(object));
  }
  auto forms = Json::array({Json{{"enum", names}}});
  for (auto& object : objects) forms.push_back(std::move(object));
  return {{"anyOf", forms}};
}

// The same where the path of a TorchScript file is a name too.
Json scriptable_schema(const RegistryTable& registry, const std::vector<std::string>& more_names) {
  auto schema = part_schema(registry, more_names);
  const Json path = {{"type", "string"}, {"pattern", "\\.pt$"}};
  schema["anyOf"].push_back(path);
  schema["anyOf"].push_back(
      {{"type", "object"},
       {"properties", {{"class_name", path}, {"config", {{"type", "object"}}}}},
       {"required", {"class_name"}},
       {"additionalProperties", false}});
  return schema;
}

// Options of type JSON say in their schema nothing about the part that they hold.
void describe_with(Json& property, const Json& schema) {
  const auto before = property;
  property = schema;
  property["description"] = before["description"];
  const auto value = before.value("default", Json());
  if (!value.is_null()) property["default"] = value;
}

}  // namespace

Json experiment_schema() {
  auto schema = fields_of<ExperimentOptions>().schema();
  auto& properties = schema["properties"];
  const auto null = Json{{"type", "null"}};
  describe_with(properties["model"], either(reference("layer"), list_of("layer")));
  describe_with(properties["optimizer"], reference("optimizer"));
  describe_with(properties["loss"], either(reference("loss"), list_of("loss")));
  describe_with(properties["metrics"], list_of("metric"));
  describe_with(properties["weighted_metrics"], list_of("metric"));
  describe_with(properties["callbacks"], list_of("callback"));
  auto& data = properties["data"]["properties"];
  describe_with(data["dataset"], reference("dataset"));
  describe_with(data["validation"], either(reference("dataset"), null));
  describe_with(data["test"], either(reference("dataset"), null));
  properties["$schema"] = {{"type", "string"}};
  schema["required"] = {"data", "model", "loss"};

  Json all = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
              {"title", "An experiment of assay"}};
  all.update(schema);
  all["$defs"] = {
      {"layer", part_schema(layers::registry())},
      {"optimizer", part_schema(optimizers::registry())},
      {"schedule", part_schema(schedules::registry())},
      {"loss", scriptable_schema(losses::registry(), {"crossentropy", "ce"})},
      {"metric", scriptable_schema(metrics::registry(), {"accuracy", "acc", "crossentropy", "ce"})},
      {"dataset", part_schema(datasets::registry())},
      {"callback", part_schema(callbacks::registry())}};
  return all;
}

}  // namespace assay::training
