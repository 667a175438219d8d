// SPDX-License-Identifier: Apache-2.0
#include <assay/core/options/field_values.h>
#include <assay/core/options/names.h>
#include <assay/registry/identifier.h>
#include <c10/util/Exception.h>

#include <set>

namespace assay {
namespace {

constexpr int kDeepest = 100;

// JSON that keeps the order of its keys looks through all of them for each: a hundred thousand
// would take minutes.
constexpr std::size_t kMostKeys = 10'000;

// Keras names a function {"class_name": "function", "config": "mean_squared_error", ...}.
bool is_keras_function(const Json& json) {
  return json.contains("class_name") && json["class_name"] == "function" &&
         json.contains("config") && json["config"].is_string();
}

}  // namespace

bool is_script_path(std::string_view name) { return name.ends_with(".pt"); }

Identifier parse_identifier(const Json& json, const std::string& kind) {
  if (json.is_string()) return {json.get<std::string>()};
  if (!json.is_object()) {
    wrong_value(json, kind, "a name or an object with class_name and config");
  }
  static const std::vector<std::string> known = {"class_name", "config", "module",
                                                 "registered_name", "build_config"};
  for (const auto& [key, value] : json.items()) {
    TORCH_CHECK_VALUE(std::find(known.begin(), known.end(), key) != known.end(), kind, ".",
                      shown(key), ": unknown key.", did_you_mean(key, known),
                      " Known keys: ", join(known));
  }
  TORCH_CHECK_VALUE(json.contains("class_name"), kind, ".class_name: missing in ", shown(json));
  if (is_keras_function(json)) return {json["config"].get<std::string>()};

  Identifier identifier;
  assay::read_value(json["class_name"], identifier.name, kind + ".class_name");
  if (json.contains("registered_name") && json["registered_name"].is_string()) {
    const auto& registered = json["registered_name"].get_ref<const std::string&>();
    // "package>Name" is more than the class name says; Keras also repeats the plain name here.
    if (registered.find('>') != std::string::npos) identifier.name = registered;
  }
  if (json.contains("config") && !json["config"].is_null()) {
    identifier.config = json["config"];
    if (!identifier.config.is_object()) {
      wrong_value(identifier.config, kind + ".config", "an object of options");
    }
  }
  return identifier;
}

Json identifier_json(std::string_view name_or_text, const std::string& kind) {
  const auto start = name_or_text.find_first_not_of(" \t\r\n");
  const bool is_json =
      start != std::string_view::npos && (name_or_text[start] == '{' || name_or_text[start] == '"');
  if (!is_json) return Json(std::string(name_or_text));
  return parse_json(name_or_text, kind);
}

Json parse_json(std::string_view text, const std::string& source) {
  // The parser would take a NUL for the end, and what follows it for nothing.
  TORCH_CHECK_VALUE(text.find('\0') == std::string_view::npos, source,
                    " is not valid JSON: it contains a NUL byte");
  std::vector<std::set<std::string>> keys;
  const auto callback = [&](int depth, Json::parse_event_t event, Json& parsed) {
    // Throwing here unwinds the parser before it can nest deeper than the stack allows.
    TORCH_CHECK_VALUE(depth <= kDeepest, source, ": nested deeper than ", kDeepest, " levels");
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event == Json::parse_event_t::key) {
      const auto& key = parsed.get_ref<const std::string&>();
      TORCH_CHECK_VALUE(keys.back().insert(key).second, source, ": the key '", key,
                        "' stands twice in one object");
      TORCH_CHECK_VALUE(keys.back().size() <= kMostKeys, source, ": the object with the key '",
                        *keys.back().begin(), "' has more than ", kMostKeys, " keys");
    }
    return true;
  };
  try {
    return Json::parse(text, callback);
  } catch (const nlohmann::json::exception& error) {
    TORCH_CHECK_VALUE(false, source, " is not valid JSON: ", error.what());
  }
}

}  // namespace assay
