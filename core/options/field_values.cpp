// SPDX-License-Identifier: Apache-2.0
#include <assay/core/dtype.h>
#include <assay/core/options/field_values.h>
#include <assay/core/options/names.h>
#include <c10/util/Exception.h>

#include <cmath>

namespace assay {
namespace {

std::vector<std::string> reduction_spellings() {
  std::vector<std::string> spellings;
  for (const auto& [name, reduction] : reduction_names()) spellings.push_back(name);
  return spellings;
}

[[noreturn]] void unknown_name(const std::string& name, const std::string& path,
                               const std::vector<std::string>& known) {
  TORCH_CHECK_VALUE(false, path, ": '", name, "' is not one of ", join(known), ".",
                    did_you_mean(name, known));
  std::abort();
}

Json one_of(const std::vector<std::string>& names) { return {{"enum", names}}; }

}  // namespace

std::string shown(const Json& value) {
  // Invalid UTF-8 is replaced: a message must not throw.
  auto text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  constexpr std::size_t kLongest = 80;
  if (text.size() > kLongest) text = text.substr(0, kLongest) + "...";
  return text;
}

void wrong_value(const Json& in, const std::string& path, const std::string& expected) {
  TORCH_CHECK_VALUE(false, path, ": expected ", expected, ", got ", shown(in), " (", in.type_name(),
                    ")");
  std::abort();
}

const Json& list_in(const Json& in, const std::string& path) {
  // {"class_name": "__tensor__", "config": {"value": [...], "dtype": ...}}
  const bool is_tensor = in.is_object() && in.contains("class_name") && in.contains("config") &&
                         (in["class_name"] == "__tensor__" || in["class_name"] == "__numpy__") &&
                         in["config"].is_object() && in["config"].contains("value");
  const auto& list = is_tensor ? in["config"]["value"] : in;
  if (!list.is_array()) wrong_value(in, path, "a list");
  return list;
}

Json write_value(bool value) { return value; }
Json write_value(std::int64_t value) { return value; }
Json write_value(double value) { return value; }
Json write_value(const std::string& value) { return value; }
Json write_value(Reduction value) { return to_string(value); }
Json write_value(at::ScalarType value) { return dtype_name(value); }
Json write_value(const Json& value) { return value; }

void read_value(const Json& in, bool& value, const std::string& path) {
  if (!in.is_boolean()) wrong_value(in, path, "true or false");
  value = in.get<bool>();
}

void read_value(const Json& in, std::int64_t& value, const std::string& path) {
  const bool fits =
      in.is_number_integer() && (!in.is_number_unsigned() ||
                                 in.get<std::uint64_t>() <= static_cast<std::uint64_t>(INT64_MAX));
  if (!fits) wrong_value(in, path, "an integer");
  value = in.get<std::int64_t>();
}

void read_value(const Json& in, double& value, const std::string& path) {
  if (!in.is_number() || !std::isfinite(in.get<double>())) wrong_value(in, path, "a number");
  value = in.get<double>();
}

void read_value(const Json& in, std::string& value, const std::string& path) {
  if (!in.is_string()) wrong_value(in, path, "a string");
  value = in.get<std::string>();
}

void read_value(const Json& in, Reduction& value, const std::string& path) {
  if (in.is_null()) {
    value = Reduction::kNone;
    return;
  }
  if (!in.is_string()) wrong_value(in, path, "a reduction, one of " + join(reduction_spellings()));
  for (const auto& [name, reduction] : reduction_names()) {
    if (name == in.get_ref<const std::string&>()) {
      value = reduction;
      return;
    }
  }
  unknown_name(in.get<std::string>(), path, reduction_spellings());
}

void read_value(const Json& in, at::ScalarType& value, const std::string& path) {
  // Keras writes a policy as an object: {"class_name": "DTypePolicy", "config": {"name": ...}}.
  if (in.is_object() && in.value("class_name", "") == "DTypePolicy" && in.contains("config") &&
      in["config"].is_object() && in["config"].contains("name")) {
    read_value(in["config"]["name"], value, path + ".config.name");
    return;
  }
  if (!in.is_string()) wrong_value(in, path, "the name of a dtype");
  const auto& name = in.get_ref<const std::string&>();
  const auto dtype = dtype_from_name(name);
  if (!dtype) unknown_name(name, path, dtype_names());
  value = *dtype;
}

void read_value(const Json& in, Json& value, const std::string&) { value = in; }

Json value_schema(const bool*) { return {{"type", "boolean"}}; }
Json value_schema(const std::int64_t*) { return {{"type", "integer"}}; }
Json value_schema(const double*) { return {{"type", "number"}}; }
Json value_schema(const std::string*) { return {{"type", "string"}}; }
Json value_schema(const Reduction*) { return one_of(reduction_spellings()); }
Json value_schema(const at::ScalarType*) { return one_of(dtype_names()); }
Json value_schema(const Json*) { return Json::object(); }

}  // namespace assay
