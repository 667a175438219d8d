// SPDX-License-Identifier: Apache-2.0
#include <assay/core/options/field_values.h>
#include <assay/training/layers/window.h>

namespace assay::training::layers {

Json write_value(const Pair& value) {
  const auto& [height, width] = value.values;
  return height == width ? Json(height) : Json::array({height, width});
}

void read_value(const Json& in, Pair& value, const std::string& path) {
  const bool list = in.is_array() && in.size() == 2;
  if (!list && !in.is_number_integer()) wrong_value(in, path, "an integer, or a list of two");
  Pair read;
  for (std::size_t i = 0; i < 2; ++i) {
    const auto element = list ? path + "[" + std::to_string(i) + "]" : path;
    assay::read_value(list ? in[i] : in, read.values[i], element);
  }
  value = read;
}

Json value_schema(const Pair*) {
  const Json integer = {{"type", "integer"}};
  const Json two = {{"type", "array"}, {"items", integer}, {"minItems", 2}, {"maxItems", 2}};
  return {{"anyOf", Json::array({integer, two})}};
}

Json write_value(const Padding& value) {
  return value.is_same ? Json("same") : write_value(value.pair);
}

void read_value(const Json& in, Padding& value, const std::string& path) {
  if (in == "same") {
    value = Padding::same();
  } else if (in == "valid") {
    value = Padding(0);
  } else if (in.is_string()) {
    wrong_value(in, path, "\"same\", \"valid\", an integer, or a list of two");
  } else {
    Pair pair;
    read_value(in, pair, path);
    value = pair;
  }
}

Json value_schema(const Padding*) {
  auto schema = value_schema(static_cast<const Pair*>(nullptr));
  schema["anyOf"].push_back({{"enum", {"same", "valid"}}});
  return schema;
}

}  // namespace assay::training::layers
