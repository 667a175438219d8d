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
  /// The identifiers are read when the layers are made.
  LayerList(std::vector<Json> list) : list(std::move(list)) {}

  std::vector<Json> list = {};  ///< In order; each is what `layers::get` takes.
};

///@{
/// In JSON a list of identifiers, as they were given.
Json write_value(const LayerList& value);
void read_value(const Json& in, LayerList& value, const std::string& path);
Json value_schema(const LayerList*);
///@}

}  // namespace assay::training::layers
