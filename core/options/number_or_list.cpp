// SPDX-License-Identifier: Apache-2.0
#include <assay/core/options/field_values.h>
#include <assay/core/options/number_or_list.h>

namespace assay {
namespace {

template <class Number>
Json write(const OneOrList<Number>& value) {
  if (!value.given()) return nullptr;
  if (value.is_list()) return write_value(value.numbers());
  return write_value(value.numbers().front());
}

template <class Number>
void read(const Json& in, OneOrList<Number>& value, const std::string& path) {
  if (in.is_null()) {
    value = OneOrList<Number>();
  } else if (in.is_array()) {
    std::vector<Number> list;
    read_value(in, list, path);
    value = std::move(list);
  } else {
    if (!in.is_number()) wrong_value(in, path, "null, a number or a list of numbers");
    Number number = 0;
    read_value(in, number, path);
    value = number;
  }
}

template <class Number>
Json schema() {
  const auto number = value_schema(static_cast<const Number*>(nullptr));
  return {{"anyOf", {number, {{"type", "array"}, {"items", number}}, {{"type", "null"}}}}};
}

}  // namespace

Json write_value(const NumberOrList& value) { return write(value); }
Json write_value(const IntegerOrList& value) { return write(value); }
void read_value(const Json& in, NumberOrList& value, const std::string& path) {
  read(in, value, path);
}
void read_value(const Json& in, IntegerOrList& value, const std::string& path) {
  read(in, value, path);
}
Json value_schema(const NumberOrList*) { return schema<double>(); }
Json value_schema(const IntegerOrList*) { return schema<std::int64_t>(); }

}  // namespace assay
