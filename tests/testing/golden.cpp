// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/dtype.h>
#include <assay/tests/testing/golden.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <stdexcept>

namespace assay::testing {
namespace {

std::filesystem::path folder(const std::string& family) {
  return std::filesystem::path(ASSAY_SOURCE_DIR) / "tests/golden" / family;
}

double number(const Json& json) {
  if (json.is_number()) return json.get<double>();
  const auto text = json.get<std::string>();
  if (text == "nan") return std::nan("");
  if (text == "inf") return INFINITY;
  if (text == "-inf") return -INFINITY;
  throw std::runtime_error("not a number: " + text);
}

at::Tensor tensor(const Json& json, std::optional<at::ScalarType> dtype = std::nullopt) {
  if (json.is_null()) return {};
  std::vector<double> data;
  for (const auto& item : json.at("data")) data.push_back(number(item));
  if (!dtype) dtype = dtype_from_name(json.at("dtype").get<std::string>());
  return at::tensor(data, at::kDouble)
      .reshape(json.at("shape").get<std::vector<std::int64_t>>())
      .to(dtype.value());
}

Call call(const Json& json) {
  return {tensor(json.at("y_true")), tensor(json.at("y_pred")), tensor(json.at("sample_weight"))};
}

std::vector<GoldenCase> read(const std::string& family, const std::string& class_name) {
  std::vector<GoldenCase> cases;
  std::ifstream file(folder(family) / (class_name + ".json"));
  if (!file) return cases;
  const auto json = Json::parse(file);
  for (const auto& item : json.at("cases")) {
    GoldenCase made;
    made.name = item.at("name");
    made.config = item.at("config");
    if (item.contains("updates")) {
      for (const auto& update : item.at("updates")) made.calls.push_back(call(update));
    } else {
      made.calls.push_back(call(item));
    }
    made.expected = tensor(item.at("expected"), at::kDouble);
    made.rtol = item.at("rtol");
    made.atol = item.at("atol");
    cases.push_back(std::move(made));
  }
  return cases;
}

}  // namespace

std::vector<std::string> golden_classes(const std::string& family) {
  std::set<std::string> classes;
  for (const auto& entry : std::filesystem::directory_iterator(folder(family))) {
    if (entry.path().extension() == ".json") classes.insert(entry.path().stem());
  }
  return {classes.begin(), classes.end()};
}

bool has_golden_file(const std::string& family, const std::string& class_name) {
  return std::filesystem::exists(folder(family) / (class_name + ".json"));
}

const std::vector<GoldenCase>& golden_cases(const std::string& family,
                                            const std::string& class_name) {
  static std::map<std::string, std::vector<GoldenCase>> files;
  const auto key = family + "/" + class_name;
  const auto found = files.find(key);
  if (found != files.end()) return found->second;
  return files.emplace(key, read(family, class_name)).first->second;
}

std::vector<GoldenCase> random_cases(const std::string& family, const std::string& class_name) {
  std::vector<GoldenCase> cases;
  for (const auto& item : golden_cases(family, class_name)) {
    if (item.is_random()) cases.push_back(item);
  }
  return cases;
}

std::vector<GoldenCase> one_case_per_config(const std::string& family,
                                            const std::string& class_name) {
  std::vector<GoldenCase> cases;
  std::set<std::string> seen;
  for (const auto& item : random_cases(family, class_name)) {
    auto config = item.config;
    for (const auto* key : {"reduction", "name", "dtype"}) config.erase(key);
    if (seen.insert(config.dump()).second) cases.push_back(item);
  }
  return cases;
}

}  // namespace assay::testing
