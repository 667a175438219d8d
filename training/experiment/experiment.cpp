// SPDX-License-Identifier: Apache-2.0
#include <assay/core/error_text.h>
#include <assay/core/options/field_values.h>
#include <assay/core/options/names.h>
#include <assay/registry/identifier.h>
#include <assay/training/experiment/experiment.h>
#include <assay/training/experiment/nested_options.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

namespace assay::training {
namespace {

constexpr std::size_t kLargestFile = 16 << 20;

std::string text_of(const std::filesystem::path& file) {
  TORCH_CHECK_VALUE(!std::filesystem::is_directory(file), file.string(),
                    " is a folder; expected an experiment file");
  std::ifstream in(file, std::ios::binary);
  TORCH_CHECK_VALUE(in, "cannot read ", file.string(), ": ", std::strerror(errno));
  std::string text;
  std::string piece(1 << 16, '\0');
  while (in) {
    in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    text.append(piece, 0, static_cast<std::size_t>(in.gcount()));
    TORCH_CHECK_VALUE(text.size() <= kLargestFile, file.string(), " is longer than ", kLargestFile,
                      " bytes: no experiment file");
  }
  return text;
}

// JSON where it is JSON, else text: 3, true, "adam", adam.
Json value_of(const std::string& text) {
  auto value = Json::parse(text, nullptr, false);
  return value.is_discarded() ? Json(text) : value;
}

// The member or element of that name; a bare name of a part first becomes an object.
Json& child(Json& json, const std::string& key, const std::string& path) {
  if (json.is_array()) {
    const bool number =
        !key.empty() && key.size() < 10 && key.find_first_not_of("0123456789") == std::string::npos;
    TORCH_CHECK_VALUE(number && std::stoul(key) < json.size(), path, ": expected a number below ",
                      json.size(), ", got '", key, "'");
    return json[std::stoul(key)];
  }
  const bool bare_name = json.is_string() && (key == "config" || key == "class_name");
  if (bare_name) json = {{"class_name", json}, {"config", Json::object()}};
  if (json.is_null()) json = Json::object();
  TORCH_CHECK_VALUE(json.is_object(), path, ": holds ", json.dump(), ", which has no '", key, "'");
  return json[key];
}

std::string joined(const std::string& path, const std::string& key) {
  return path.empty() ? key : path + "." + key;
}

std::string first_difference(const std::string& path, const Json* before, const Json* now);

std::string difference_in_objects(const std::string& path, const Json& before, const Json& now) {
  for (const auto& [key, value] : now.items()) {
    const auto old = before.find(key);
    auto text = first_difference(joined(path, key), old == before.end() ? nullptr : &*old, &value);
    if (!text.empty()) return text;
  }
  for (const auto& [key, value] : before.items()) {
    if (!now.contains(key)) return first_difference(joined(path, key), &value, nullptr);
  }
  return "";
}

std::string difference_in_lists(const std::string& path, const Json& before, const Json& now) {
  for (std::size_t i = 0; i < std::max(before.size(), now.size()); ++i) {
    auto text =
        first_difference(joined(path, std::to_string(i)), i < before.size() ? &before[i] : nullptr,
                         i < now.size() ? &now[i] : nullptr);
    if (!text.empty()) return text;
  }
  return "";
}

// "path was x and is y", or "" where the values are the same; null: not given.
std::string first_difference(const std::string& path, const Json* before, const Json* now) {
  const auto& given = now ? *now : *before;
  const bool comparable = !before || !now || before->type() == now->type();
  if (given.is_object() && !given.empty() && comparable) {
    return difference_in_objects(path, before ? *before : Json::object(),
                                 now ? *now : Json::object());
  }
  if (given.is_array() && !given.empty() && comparable) {
    return difference_in_lists(path, before ? *before : Json::array(), now ? *now : Json::array());
  }
  if (before && now && before->dump() == now->dump()) return "";
  const auto text_of_value = [](const Json* value) {
    return value ? shown(*value) : std::string("not given");
  };
  return path + " was " + text_of_value(before) + " and is " + text_of_value(now);
}

}  // namespace

std::string Experiment::name() const {
  return options.name.empty() ? file.stem().string() : options.name;
}

std::filesystem::path Experiment::output() const {
  if (options.output) return folder() / options.output->get();
  return std::filesystem::path("runs") / name();
}

void set_in(Json& json, const std::string& change) {
  const auto equals = change.find('=');
  TORCH_CHECK_VALUE(equals != std::string::npos && equals > 0, "--set ", change,
                    ": expected path=value, such as fit.epochs=3");
  std::istringstream keys(change.substr(0, equals));
  Json* at = &json;
  std::string path;
  for (std::string key; std::getline(keys, key, '.');) {
    at = &child(*at, key, "--set " + change + (path.empty() ? "" : ": " + path));
    path += (path.empty() ? "" : ".") + key;
  }
  *at = value_of(change.substr(equals + 1));
}

Experiment load_experiment(const std::filesystem::path& file,
                           const std::vector<std::string>& changes) {
  Experiment experiment{
      .file = file, .options = {}, .json = parse_json(text_of(file), file.string())};
  for (const auto& change : changes) set_in(experiment.json, change);
  // For editors; not an option of the experiment.
  if (experiment.json.is_object()) experiment.json.erase("$schema");
  experiment.options =
      with_context(file.string(), [&] { return options_from<ExperimentOptions>(experiment.json); });
  return experiment;
}

std::string resume_conflict(const Json& before, const Json& now) {
  // Everything but what may change between two parts of one training.
  const auto relevant = [](Json json) {
    for (const char* key :
         {"name", "description", "plugins", "callbacks", "checkpoint", "output", "device"}) {
      json.erase(key);
    }
    if (json.contains("fit") && json["fit"].is_object()) {
      for (const char* key : {"epochs", "validation_freq", "loader_threads"})
        json["fit"].erase(key);
      if (json["fit"].empty()) json.erase("fit");
    }
    for (const char* part : {"dataset", "validation", "test"}) {
      const auto in_memory =
          nlohmann::ordered_json::json_pointer("/data/" + std::string(part) + "/config/in_memory");
      if (json.contains(in_memory)) json[in_memory.parent_pointer()].erase("in_memory");
    }
    return json;
  };
  const auto old_values = relevant(before);
  const auto new_values = relevant(now);
  return first_difference("", &old_values, &new_values);
}

}  // namespace assay::training
