// SPDX-License-Identifier: Apache-2.0
// The forms in which a configuration names a class.
#pragma once
#include <assay/core/options/json.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace assay {

/// A class by name or alias, and its options.
struct Identifier {
  std::string name;              ///< The class name, an alias, or a script's path.
  Json config = Json::object();  ///< The options; empty where there were none.
};

/// Whether a name is the path of a TorchScript file: it ends with ".pt".
bool is_script_path(std::string_view name);

/// Reads "mse", {"class_name", "config"} and Keras's {"module", "class_name", "config",
/// "registered_name"}. `kind` names the thing in errors. Errors: ValueError.
Identifier parse_identifier(const Json& json, const std::string& kind);

/// Text that is a bare name, or JSON, as JSON. Errors: ValueError where it is neither.
Json identifier_json(std::string_view name_or_text, const std::string& kind);

/// Parses JSON text strictly: no duplicate keys, no nesting beyond 100 levels, no object of more
/// than 10,000 keys, valid UTF-8.
/// `source` names the text in errors. Errors: ValueError.
Json parse_json(std::string_view text, const std::string& source);

}  // namespace assay
