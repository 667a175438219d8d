// SPDX-License-Identifier: Apache-2.0
#include <assay/core/options/field_values.h>
#include <assay/training/layers/layer_list.h>
#include <assay/training/layers/registry.h>

namespace assay::training::layers {

Json write_value(const LayerList& value) { return assay::write_value(value.list); }

void read_value(const Json& in, LayerList& value, const std::string& path) {
  assay::read_value(in, value.list, path);
}

Json value_schema(const LayerList*) {
  const Json name = {{"enum", registry().names()}};
  const Json object = {{"type", "object"},
                       {"properties", {{"class_name", name}, {"config", {{"type", "object"}}}}},
                       {"required", Json::array({"class_name"})}};
  return {{"type", "array"}, {"items", {{"anyOf", Json::array({name, object})}}}};
}

}  // namespace assay::training::layers
