// SPDX-License-Identifier: Apache-2.0
#include <assay/core/options/field_values.h>
#include <assay/training/callbacks/embeddings_metadata.h>

namespace assay::training::callbacks {

std::string EmbeddingsMetadata::file_of(const std::string& layer) const {
  if (file) return *file;
  for (const auto& [name, of_layer] : files) {
    if (name == layer) return of_layer;
  }
  return "";
}

Json write_value(const EmbeddingsMetadata& value) {
  if (value.file) return *value.file;
  if (value.files.empty()) return nullptr;
  Json object = Json::object();
  for (const auto& [name, file] : value.files) object[name] = file;
  return object;
}

void read_value(const Json& in, EmbeddingsMetadata& value, const std::string& path) {
  EmbeddingsMetadata read;
  if (in.is_string()) {
    read.file = in.get<std::string>();
  } else if (in.is_object()) {
    for (const auto& item : in.items()) {
      std::string file;
      assay::read_value(item.value(), file, path + "." + item.key());
      read.files.emplace_back(item.key(), std::move(file));
    }
  } else if (!in.is_null()) {
    wrong_value(in, path, "null, the name of a file, or an object from layers to names of files");
  }
  value = std::move(read);
}

Json value_schema(const EmbeddingsMetadata*) {
  const Json name = {{"type", "string"}};
  const Json by_layer = {{"type", "object"}, {"additionalProperties", name}};
  return {{"anyOf", Json::array({name, by_layer, {{"type", "null"}}})}};
}

}  // namespace assay::training::callbacks
