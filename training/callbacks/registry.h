// SPDX-License-Identifier: Apache-2.0
// Callbacks by name and from JSON.
#pragma once
#include <assay/core/options/json.h>
#include <assay/registry/registry.h>
#include <assay/training/callbacks/callback.h>

#include <filesystem>
#include <memory>
#include <string>

namespace assay::training::callbacks {

/// The registry of callbacks.
using CallbackRegistry = Registry<Callback>;

/// All known callbacks: assay's own, and what plugins and the program added.
CallbackRegistry& registry();

///@{
/// A callback from a class name or JSON text; or from JSON, in Keras's shape or short. Relative
/// paths in it are relative to `folder`, or to the working directory without one.
/// Errors: ValueError that names the JSON path and the nearest known name.
std::shared_ptr<Callback> get(const std::string& name_or_json,
                              const std::filesystem::path& folder = {});
std::shared_ptr<Callback> get(const char* name_or_json, const std::filesystem::path& folder = {});
std::shared_ptr<Callback> get(const Json& identifier, const std::filesystem::path& folder = {});
std::shared_ptr<Callback> get(const nlohmann::json& identifier,
                              const std::filesystem::path& folder = {});
///@}

}  // namespace assay::training::callbacks
