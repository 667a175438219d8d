// SPDX-License-Identifier: Apache-2.0
#include <assay/core/options/field_values.h>
#include <assay/core/options/names.h>
#include <assay/training/history.h>
#include <c10/util/Exception.h>

#include <algorithm>

namespace assay::training {
namespace {

const Json& list_at(const Json& json, const char* key, std::size_t size) {
  TORCH_CHECK_VALUE(json.contains(key) && json[key].is_array() && json[key].size() == size,
                    "history.", key, ": expected a list of ", size, " values");
  return json[key];
}

}  // namespace

std::vector<double> History::operator[](std::string_view name) const {
  std::vector<double> values;
  for (const auto& epoch : epochs_) {
    if (const auto value = epoch.logs.find(name)) values.push_back(*value);
  }
  TORCH_CHECK_VALUE(!values.empty(), "the history has no '", std::string(name), "'.",
                    did_you_mean(name, names()), " Known: ", join(names()));
  return values;
}

std::vector<std::string> History::names() const {
  std::vector<std::string> names;
  for (const auto& epoch : epochs_) {
    for (const auto& item : epoch.logs) {
      if (std::find(names.begin(), names.end(), item.first) == names.end()) {
        names.push_back(item.first);
      }
    }
  }
  return names;
}

Json History::to_json() const {
  Json json = {{"epoch", Json::array()},
               {"history", Json::object()},
               {"seconds", Json::array()},
               {"learning_rate", Json::array()}};
  for (const auto& name : names()) json["history"][name] = Json::array();
  for (const auto& epoch : epochs_) {
    json["epoch"].push_back(epoch.epoch);
    json["seconds"].push_back(epoch.seconds);
    json["learning_rate"].push_back(epoch.learning_rate ? number_json(*epoch.learning_rate)
                                                        : Json(nullptr));
    for (auto& [name, values] : json["history"].items()) {
      const auto value = epoch.logs.find(name);
      values.push_back(value ? number_json(*value) : Json(nullptr));
    }
  }
  return json;
}

History History::from_json(const Json& json) {
  TORCH_CHECK_VALUE(json.is_object() && json.contains("epoch") && json["epoch"].is_array() &&
                        json.contains("history") && json["history"].is_object(),
                    "history: expected an object with epoch, history and seconds");
  const auto size = json["epoch"].size();
  const auto& seconds = list_at(json, "seconds", size);
  for (const auto& item : json["history"].items()) {
    list_at(json["history"], item.key().c_str(), size);
  }
  if (json.contains("learning_rate")) list_at(json, "learning_rate", size);
  History history;
  for (std::size_t i = 0; i < size; ++i) {
    EpochRecord record;
    assay::read_value(json["epoch"][i], record.epoch, "history.epoch");
    record.seconds = number_from(seconds[i], "history.seconds");
    const auto rates = json.find("learning_rate");
    if (rates != json.end() && !(*rates)[i].is_null()) {
      record.learning_rate = number_from((*rates)[i], "history.learning_rate");
    }
    for (const auto& [name, values] : json["history"].items()) {
      if (!values[i].is_null()) record.logs.set(name, number_from(values[i], "history." + name));
    }
    history.add(std::move(record));
  }
  return history;
}

}  // namespace assay::training
