// SPDX-License-Identifier: Apache-2.0
#include <assay/core/options/field_values.h>
#include <assay/core/options/names.h>
#include <assay/training/logs.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace assay::training {

void Logs::set(std::string_view name, double value) {
  for (auto& item : items_) {
    if (item.first == name) {
      item.second = value;
      return;
    }
  }
  items_.emplace_back(name, value);
}

std::optional<double> Logs::find(std::string_view name) const {
  for (const auto& [known, value] : items_) {
    if (known == name) return value;
  }
  return std::nullopt;
}

double Logs::at(std::string_view name) const {
  const auto value = find(name);
  TORCH_CHECK_VALUE(value, "no value named '", std::string(name), "'.", did_you_mean(name, names()),
                    " Known: ", join(names()));
  return *value;
}

std::vector<std::string> Logs::names() const {
  std::vector<std::string> names;
  for (const auto& item : items_) names.push_back(item.first);
  return names;
}

const Logs& BatchLogs::all() const {
  if (!all_) all_ = read_all_();
  return *all_;
}

double BatchLogs::loss() const {
  if (!loss_) loss_ = all_ ? all_->at("loss") : read_loss_();
  return *loss_;
}

Json number_json(double value) {
  if (std::isfinite(value)) return value;
  if (std::isnan(value)) return "NaN";
  return value > 0 ? "Infinity" : "-Infinity";
}

double number_from(const Json& json, const std::string& path) {
  if (json == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (json == "Infinity") return std::numeric_limits<double>::infinity();
  if (json == "-Infinity") return -std::numeric_limits<double>::infinity();
  double value = 0;
  assay::read_value(json, value, path);
  return value;
}

Json to_json(const Logs& logs) {
  Json json = Json::object();
  for (const auto& [name, value] : logs) json[name] = number_json(value);
  return json;
}

Logs logs_from(const Json& json, const std::string& path) {
  if (!json.is_object()) wrong_value(json, path, "an object of numbers");
  Logs logs;
  for (const auto& [name, value] : json.items()) {
    logs.set(name, number_from(value, path + "." + name));
  }
  return logs;
}

}  // namespace assay::training
