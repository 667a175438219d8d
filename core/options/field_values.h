// SPDX-License-Identifier: Apache-2.0
// The types that an option may have, each with its JSON both ways and its schema.
//
// Reading is strict: 1.5 is no integer, 1e400 no number, "sume" no reduction. `path` names the
// value in errors ("Huber.delta"). Errors are ValueErrors.
#pragma once
#include <assay/core/options/json.h>
#include <assay/core/reduction.h>
#include <c10/core/ScalarType.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace assay {

/// Throws "path: expected ..., got ...".
[[noreturn]] void wrong_value(const Json& in, const std::string& path, const std::string& expected);

/// The list in `in`, be it plain or a tensor as Keras writes it. Errors: "path: expected a list".
const Json& list_in(const Json& in, const std::string& path);

/// The JSON as text for a message, cut where it is long.
std::string shown(const Json& value);

///@{
/// An option's value as JSON. A type of one's own is an option where the three functions
/// `write_value`, `read_value` and `value_schema` take it; they are found in its namespace.
Json write_value(bool value);
Json write_value(std::int64_t value);
Json write_value(double value);
Json write_value(const std::string& value);
Json write_value(Reduction value);
Json write_value(at::ScalarType value);
Json write_value(const Json& value);
///@}

///@{
/// Sets an option's value from JSON. Errors: ValueError that begins with `path`, where the JSON is
/// of another type, or names nothing that is known.
void read_value(const Json& in, bool& value, const std::string& path);
void read_value(const Json& in, std::int64_t& value, const std::string& path);
void read_value(const Json& in, double& value, const std::string& path);
void read_value(const Json& in, std::string& value, const std::string& path);
void read_value(const Json& in, Reduction& value, const std::string& path);
void read_value(const Json& in, at::ScalarType& value, const std::string& path);
void read_value(const Json& in, Json& value, const std::string& path);
///@}

///@{
/// The JSON Schema of an option's type, which the (null) pointer names.
Json value_schema(const bool*);
Json value_schema(const std::int64_t*);
Json value_schema(const double*);
Json value_schema(const std::string*);
Json value_schema(const Reduction*);
Json value_schema(const at::ScalarType*);
Json value_schema(const Json*);
///@}

// Lists are declared before the optional values that may hold them.
///@{
/// A list of such values.
template <class T>
Json write_value(const std::vector<T>& value);
template <class T>
void read_value(const Json& in, std::vector<T>& value, const std::string& path);
template <class T>
Json value_schema(const std::vector<T>*);
///@}

///@{
/// Such a value, or null.
template <class T>
Json write_value(const std::optional<T>& value) {
  return value ? write_value(*value) : Json(nullptr);
}

template <class T>
void read_value(const Json& in, std::optional<T>& value, const std::string& path) {
  value.reset();
  if (in.is_null()) return;
  T inner{};
  read_value(in, inner, path);
  value = std::move(inner);
}

template <class T>
Json value_schema(const std::optional<T>*) {
  return {{"anyOf", {value_schema(static_cast<const T*>(nullptr)), {{"type", "null"}}}}};
}
///@}

template <class T>
Json write_value(const std::vector<T>& value) {
  Json list = Json::array();
  for (const auto& item : value) list.push_back(write_value(item));
  return list;
}

template <class T>
void read_value(const Json& in, std::vector<T>& value, const std::string& path) {
  std::vector<T> read;
  for (const auto& item : list_in(in, path)) {
    T inner{};
    read_value(item, inner, path + "[" + std::to_string(read.size()) + "]");
    read.push_back(std::move(inner));
  }
  value = std::move(read);
}

template <class T>
Json value_schema(const std::vector<T>*) {
  return {{"type", "array"}, {"items", value_schema(static_cast<const T*>(nullptr))}};
}

}  // namespace assay
