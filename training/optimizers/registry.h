// SPDX-License-Identifier: Apache-2.0
// Optimizers by name and from JSON.
#pragma once
#include <assay/core/options/json.h>
#include <assay/registry/registry.h>
#include <assay/training/optimizers/optimizer.h>

#include <memory>
#include <string>

namespace assay::training::optimizers {

/// The registry of optimizers.
using OptimizerRegistry = Registry<Optimizer>;

/// All known optimizers: assay's own, and what plugins and the program added.
OptimizerRegistry& registry();

///@{
/// An optimizer from a class name, an alias or JSON text; or from JSON, in Keras's shape or short.
/// Errors: ValueError that names the JSON path and the nearest known name.
/// Source: keras.optimizers.get.
std::shared_ptr<Optimizer> get(const std::string& name_or_json);
std::shared_ptr<Optimizer> get(const char* name_or_json);
std::shared_ptr<Optimizer> get(const Json& identifier);
std::shared_ptr<Optimizer> get(const nlohmann::json& identifier);
///@}

/// {"module", "class_name", "config", "registered_name"}. Source: keras.optimizers.serialize.
Json serialize(const Optimizer& optimizer);

}  // namespace assay::training::optimizers
