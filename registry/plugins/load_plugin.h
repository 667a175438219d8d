// SPDX-License-Identifier: Apache-2.0
// Losses, metrics, layers and other classes from shared libraries and TorchScript files.
#pragma once
#include <assay/registry/plugins/abi_stamp.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace assay {

/// A plugin that was loaded.
struct Plugin {
  std::filesystem::path file;            ///< Where it was loaded from.
  std::optional<AbiStamp> stamp;         ///< Nothing for a TorchScript file.
  std::vector<std::string> class_names;  ///< What it registered, such as "mine>Charbonnier".
};

/// Loads a plugin and registers its classes: all of them or, on an error, none. One that is loaded
/// already is not loaded again. Safe to call from many threads, while others look names up. A
/// loaded plugin stays loaded as long as the program runs.
///
/// Nothing of the plugin runs before its stamp was read in its file and found to fit this assay:
/// the same minor version of assay, the same LibTorch, nlohmann_json and C++ library. A plugin is a
/// program: load only those that you trust.
///
/// A file that ends with ".pt" is a TorchScript module, a loss (losses/script_loss.h) or a metric
/// (metrics/script_metric.h), which is registered by its attribute `registered_name`.
/// Errors: ValueError that names the file: it is missing, no shared library, no plugin, built with
/// other versions (both stamps are named), its registration throws, a name of its is taken or is no
/// "package>Name"; a TorchScript module has other methods than a loss or a metric.
Plugin load_plugin(const std::filesystem::path& file);

/// Loads what the variable ASSAY_PLUGIN_PATH lists, separated by colons: plugins, and folders, of
/// which every shared library that is a plugin is loaded. Errors: as `load_plugin`.
std::vector<Plugin> load_plugins_from_environment();

/// All that were loaded, in order.
std::vector<Plugin> loaded_plugins();

}  // namespace assay
