// SPDX-License-Identifier: Apache-2.0
#include <assay/core/options/names.h>
#include <assay/tests/testing/check.h>
#include <assay/tests/testing/options.h>
#include <gmock/gmock.h>

#include <cmath>
#include <map>
#include <optional>

namespace assay::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// Whether a schema that assay writes takes the value. It knows what those schemas use.
bool takes(const Json& schema, const Json& value) {
  if (schema.contains("anyOf")) {
    return std::any_of(schema["anyOf"].begin(), schema["anyOf"].end(),
                       [&](const Json& option) { return takes(option, value); });
  }
  if (schema.contains("enum")) {
    return std::find(schema["enum"].begin(), schema["enum"].end(), value) != schema["enum"].end();
  }
  if (!schema.contains("type")) return true;
  const auto& type = schema["type"];
  if (type == "boolean") return value.is_boolean();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  if (type == "string") return value.is_string();
  if (type == "null") return value.is_null();
  if (type == "object") return value.is_object();
  if (type == "array") {
    return value.is_array() && (!schema.contains("items") ||
                                std::all_of(value.begin(), value.end(), [&](const Json& item) {
                                  return takes(schema["items"], item);
                                }));
  }
  ADD_FAILURE() << "a schema type this test does not know: " << type;
  return true;
}

// Values of every kind; what a field's schema does not take must be refused.
const std::vector<Json>& values_of_every_kind() {
  static const std::vector<Json> values = {nullptr,
                                           true,
                                           2,
                                           1.5,
                                           "no such thing",
                                           Json::array({1.5, "x"}),
                                           Json::array({Json::array()}),
                                           {{"no", "such"}}};
  return values;
}

// Values that break a rule, by the rule's words. Infinity and NaN have no JSON.
const std::map<std::string, std::vector<Json>>& rule_breakers() {
  static const std::map<std::string, std::vector<Json>> breakers = {
      {"a finite number", {}},
      {"a number greater than 0", {0.0, -1.0}},
      {"a number of at least 0", {-1e-9, -3.0}},
      {"a number in [0, 1]", {-1e-9, 1.0000001, 7.0}},
      {"a number in (0, 1]", {0.0, -0.5, 1.0000001}},
      {"a number in (0, 1)", {0.0, 1.0, -0.5, 1.5}},
      {"a number between 0 and 1", {0.0, 1.0, -0.5, 1.5}},
      {"a number of at least 0, or a list of such", {-0.5, Json::array({0.5, -1.0})}},
      {"a number greater than 0, at most 1", {0.0, -0.5, 1.0000001}},
      {"numbers of at least 0, for classes of at least 0",
       {Json::array({1.0, -0.5}), {{"0", -1.0}}, {{"-1", 1.0}}}},
      {"given, a metric", {nullptr}},
      {"null, \"linear\" or \"quadratic\"", {"cubic", ""}},
      {"null, \"micro\", \"macro\" or \"weighted\"", {"median", ""}},
      {"null, \"true\", \"pred\" or \"all\"", {"rows", ""}},
      {"null, \"uniform_average\" or \"variance_weighted_average\"", {"average", ""}},
      {"an integer of at least 0", {-1, -100}},
      {"an integer of at least 1", {0, -1}},
      {"an integer of at least 2", {1, 0, -1}},
      {"given, an integer of at least 1", {0, -1}},
      {"null or a number in (0, 1]", {0.0, -0.5, 1.0000001}},
      {"null or an integer of at least 0", {-1}},
      {"null or an integer of at least 1", {0, -1}},
      {"null or a list of numbers in [0, 1]", {Json::array({0.5, 1.5}), Json::array({-0.1})}},
      {"null or a list of numbers of at least 0", {Json::array({0.5, -1.5}), Json::array({-0.1})}},
      {"null, a number in [0, 1] or a list of such",
       {1.5, -0.1, Json::array({0.5, 1.5}), Json::array({-0.1})}},
  };
  return breakers;
}

Json with(Json config, const std::string& key, const Json& value) {
  config[key] = value;
  return config;
}

}  // namespace

void expect_unknown_keys_are_refused(const Fields& fields, const Json& good, const Make& make) {
  for (const auto& field : fields.list()) {
    for (const auto& key : {field->name + "x", field->name.substr(1), "X" + field->name}) {
      ASSAY_TRACE(key);
      if (std::any_of(fields.list().begin(), fields.list().end(),
                      [&](const auto& other) { return other->name == key; })) {
        continue;
      }
      const auto message = value_error([&] { make(with(good, key, 1)); });
      EXPECT_THAT(message, AllOf(HasSubstr(fields.class_name()), HasSubstr(key)));
      std::vector<std::string> known;
      for (const auto& other : fields.list()) known.push_back(other->name);
      const auto nearest = nearest_name(key, known);
      if (!nearest.empty()) {
        EXPECT_THAT(message, HasSubstr("Did you mean '" + nearest + "'"));
      }
    }
    // One letter too many is always near enough, unless it makes another key.
    const auto doubled = field->name + field->name.back();
    EXPECT_THAT(value_error([&] { make(with(good, doubled, 1)); }),
                HasSubstr("Did you mean '" + field->name + "'"));
  }
  const auto message = value_error([&] { make(with(good, "zzzzzzzzzzzzzz", 1)); });
  EXPECT_THAT(message,
              AllOf(HasSubstr("zzzzzzzzzzzzzz"), ::testing::Not(HasSubstr("Did you mean"))));
}

void expect_wrong_types_are_refused(const Fields& fields, const Json& good, const Make& make) {
  for (const auto& field : fields.list()) {
    const auto schema = field->schema();
    for (const auto& value : values_of_every_kind()) {
      if (takes(schema, value)) continue;
      // null is the reduction "none" in Keras.
      if (field->name == "reduction" && value.is_null()) continue;
      ASSAY_TRACE(field->name << " = " << value.dump());
      const auto message = value_error([&] { make(with(good, field->name, value)); });
      EXPECT_THAT(message, HasSubstr(fields.class_name() + "." + field->name));
    }
  }
}

void expect_rules_hold(const Fields& fields, const Json& good, const Make& make) {
  for (const auto& field : fields.list()) {
    const auto rule = field->rule();
    if (rule.empty()) continue;
    ASSERT_TRUE(rule_breakers().contains(rule)) << "this test knows no value that breaks the rule '"
                                                << rule << "'; add some beside the others";
    for (const auto& value : rule_breakers().at(rule)) {
      ASSAY_TRACE(field->name << " = " << value.dump());
      const auto message = value_error([&] { make(with(good, field->name, value)); });
      EXPECT_THAT(message,
                  AllOf(HasSubstr(fields.class_name() + "." + field->name), HasSubstr(rule)));
    }
  }
}

::testing::AssertionResult keeps(const Json& config, const Json& given) {
  for (const auto& [key, value] : given.items()) {
    auto expected = value;
    if (key == "reduction" && value.is_null()) expected = "none";
    if (key == "reduction" && value == "mean") expected = "sum_over_batch_size";
    if (!config.contains(key)) {
      return ::testing::AssertionFailure() << "'" << key << "' is not in " << config.dump();
    }
    // The thresholds of curves are put in order, as Keras does.
    if (key == "thresholds" && config.contains("num_thresholds") && expected.is_array()) {
      auto sorted = expected.get<std::vector<double>>();
      std::sort(sorted.begin(), sorted.end());
      if (config[key] == Json(sorted)) continue;
    }
    if (config[key] != expected) {
      return ::testing::AssertionFailure()
             << "'" << key << "' was " << expected.dump() << " and is " << config[key].dump();
    }
  }
  return ::testing::AssertionSuccess();
}

}  // namespace assay::testing
