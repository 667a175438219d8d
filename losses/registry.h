// SPDX-License-Identifier: Apache-2.0
// Losses by name and from JSON.
#pragma once
#include <assay/core/options/json.h>
#include <assay/losses/loss.h>
#include <assay/registry/registry.h>

#include <memory>
#include <string>
#include <string_view>

namespace assay::losses {

/// The registry of losses.
using LossRegistry = Registry<Loss>;

/// All known losses: assay's own, and what plugins and the program added.
LossRegistry& registry();

///@{
/// A loss from a class name, a Keras alias or JSON text; or from JSON, in Keras's shape or short.
/// The name may be the path of a TorchScript file, "mine.pt" (script_loss.h).
/// Errors: ValueError that names the JSON path and the nearest known name.
/// Source: keras.losses.get.
std::shared_ptr<Loss> get(const std::string& name_or_json);
std::shared_ptr<Loss> get(const char* name_or_json);
std::shared_ptr<Loss> get(const Json& identifier);
std::shared_ptr<Loss> get(const nlohmann::json& identifier);
///@}

/// A loss of the class from its options alone. Source: Loss.from_config.
std::shared_ptr<Loss> from_config(std::string_view class_name, const Json& config);

/// {"module", "class_name", "config", "registered_name"}. Source: keras.losses.serialize.
Json serialize(const Loss& loss);

}  // namespace assay::losses
