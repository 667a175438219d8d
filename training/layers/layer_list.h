// SPDX-License-Identifier: Apache-2.0
// An option that holds layers, as configurations.
#pragma once
#include <assay/core/options/json.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace assay::training::layers {

/// Identifiers of layers: names or JSON.
struct LayerList {
  LayerList() = default;
  LayerList(std::vector<Json> list) : list(std::move(list)) {}

  std::vector<Json> list = {};
};

Json write_value(const LayerList& value);
void read_value(const Json& in, LayerList& value, const std::string& path);
Json value_schema(const LayerList*);

}  // namespace assay::training::layers
