// SPDX-License-Identifier: Apache-2.0
// What one field list gives: JSON both ways, errors, schema.
#include <assay/core/options/config.h>
#include <assay/tests/testing/check.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace assay {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::value_error;

struct SampleOptions {
  static constexpr auto class_name = "Sample";
  bool flag = false;
  std::int64_t count = 3;
  double rate = 0.3;
  std::string label = "sample";
  Reduction reduction = Reduction::kSum;
  at::ScalarType dtype = at::kFloat;
  std::optional<std::int64_t> maybe;
  std::optional<std::vector<double>> weights;
  std::vector<std::vector<std::int64_t>> nested = {{1, 2}, {}};
  Json anything;
  double extra = 1;

  static constexpr auto fields() {
    using Self = SampleOptions;
    return assay::fields(
        field("flag", &Self::flag, "A flag."),
        field("count", &Self::count, "A count.", at_least_one),
        field("rate", &Self::rate, "A rate.", in_unit_interval),
        // A group, as the shared fields of losses are.
        assay::fields(field("label", &Self::label, "A label."),
                      field("reduction", &Self::reduction, "A reduction.")),
        field("dtype", &Self::dtype, "A type."), field("maybe", &Self::maybe, "Perhaps."),
        field("weights", &Self::weights, "Weights."), field("nested", &Self::nested, "Lists."),
        field("anything", &Self::anything, "Whatever."),
        field("extra", &Self::extra, "Of assay's own.", positive).beyond_keras());
  }
};

struct NoOptions {
  static constexpr auto class_name = "None";
  static constexpr auto fields() { return assay::fields(); }
};

static_assert(detail::member_count<SampleOptions>() == 11);
static_assert(detail::member_count<NoOptions>() == 0);

struct WithString {
  std::string text;
  std::optional<std::string> maybe;
  std::vector<std::string> list;
};
static_assert(detail::member_count<WithString>() == 3);

struct ArrayInside {
  int first;
  Json second;
};
static_assert(detail::member_count<ArrayInside>() == 2);

const Fields& fields() { return fields_of<SampleOptions>(); }

Json parse(const char* text) { return Json::parse(text); }

std::string refused(const char* text) {
  return value_error([&] { options_from<SampleOptions>(parse(text)); });
}

TEST(Fields, WriteEveryKerasFieldInOrderAndOwnOnesWhereTheyDiffer) {
  SampleOptions options;
  EXPECT_EQ(
      fields().to_config(&options).dump(),
      R"({"flag":false,"count":3,"rate":0.3,"label":"sample","reduction":"sum",)"
      R"("dtype":"float32","maybe":null,"weights":null,"nested":[[1,2],[]],"anything":null})");
  options.extra = 2;
  EXPECT_EQ(fields().to_config(&options).at("extra"), 2.0);
}

TEST(Fields, ReadWhatTheyWrote) {
  const auto config = parse(
      R"({"flag": true, "count": 7, "rate": 0.1, "label": "\u00e9", "reduction": "none",
          "dtype": "bfloat16", "maybe": -1, "weights": [0.5, 2, 1e-300], "nested": [[], [9]],
          "anything": {"deep": [1, null]}, "extra": 0.7})");
  const auto options = options_from<SampleOptions>(config);
  EXPECT_EQ(fields().to_config(&options), config);
  EXPECT_EQ(options.maybe, -1);
  EXPECT_EQ(options.weights, (std::vector<double>{0.5, 2, 1e-300}));
  EXPECT_EQ(options.nested[1][0], 9);
}

TEST(Fields, KeepTheDoublesThatWereWritten) {
  for (const double rate : {0.1, 0.3, 1.0 / 3, 5e-324, 0.9999999999999999}) {
    const auto text = Json{{"rate", rate}}.dump();
    const auto options = options_from<SampleOptions>(Json::parse(text));
    EXPECT_EQ(options.rate, rate) << text;
    EXPECT_EQ(fields().to_config(&options).at("rate").dump(), Json(rate).dump());
  }
}

TEST(Fields, KeysLeftOutKeepTheirDefaults) {
  const auto options = options_from<SampleOptions>(parse(R"({"count": 9})"));
  EXPECT_EQ(options.count, 9);
  EXPECT_EQ(options.rate, 0.3);
  EXPECT_EQ(options.label, "sample");
  const auto none = options_from<SampleOptions>(Json::object());
  EXPECT_EQ(fields().to_config(&none), fields().to_config(fields().defaults()));
  EXPECT_EQ(fields_of<NoOptions>().to_config(nullptr), Json::object());
}

TEST(Fields, AWholeNumberIsANumberToo) {
  EXPECT_EQ(options_from<SampleOptions>(parse(R"({"rate": 1})")).rate, 1);
  EXPECT_EQ(options_from<SampleOptions>(parse(R"({"weights": [1, 2]})")).weights->at(1), 2);
}

TEST(Fields, ReductionsAndTypesHaveKerasOtherSpellings) {
  EXPECT_EQ(options_from<SampleOptions>(parse(R"({"reduction": null})")).reduction,
            Reduction::kNone);
  EXPECT_EQ(options_from<SampleOptions>(parse(R"({"reduction": "mean"})")).reduction,
            Reduction::kSumOverBatchSize);
  const auto policy = parse(
      R"({"dtype": {"module": "keras", "class_name": "DTypePolicy",
                    "config": {"name": "float64"}, "registered_name": null}})");
  EXPECT_EQ(options_from<SampleOptions>(policy).dtype, at::kDouble);
  EXPECT_THAT(refused(R"({"dtype": {"class_name": "DTypePolicy", "config": {"name": "float46"}}})"),
              AllOf(HasSubstr("Sample.dtype.config.name"), HasSubstr("Did you mean 'float16'")));
}

TEST(Fields, AListMayBeATensorAsKerasWritesIt) {
  const auto config = parse(
      R"({"weights": {"class_name": "__tensor__",
                      "config": {"value": [1.5, 2], "dtype": "float32"}}})");
  EXPECT_EQ(options_from<SampleOptions>(config).weights, (std::vector<double>{1.5, 2}));
  EXPECT_THAT(refused(R"({"weights": {"class_name": "__tensor__", "config": {"value": ["x"]}}})"),
              AllOf(HasSubstr("Sample.weights[0]"), HasSubstr("a number")));
  EXPECT_THAT(refused(R"({"weights": {"class_name": "__tensor__", "config": {"value": 3}}})"),
              AllOf(HasSubstr("Sample.weights"), HasSubstr("a list")));
  EXPECT_THAT(refused(R"({"weights": {"class_name": "tensor", "config": {"value": [1]}}})"),
              AllOf(HasSubstr("Sample.weights"), HasSubstr("a list")));
}

struct Wrong {
  const char* config;
  std::vector<std::string> named;
};

TEST(Fields, WrongConfigurationsAreErrorsThatNameWhatIsWrong) {
  const std::vector<Wrong> table = {
      // Not an object.
      {"[]", {"Sample", "an object", "array"}},
      {"null", {"Sample", "an object", "null"}},
      {"3", {"Sample", "an object", "3"}},
      {R"("text")", {"Sample", "an object", "text"}},
      // Unknown keys.
      {R"({"cuont": 3})",
       {"Sample.\"cuont\"", "unknown key", "Did you mean 'count'?", "Known keys"}},
      {R"({"Rate": 3})", {"Sample.\"Rate\"", "Did you mean 'rate'?"}},
      {R"({"reductoin": "sum"})", {"Did you mean 'reduction'?"}},
      {R"({"": 3})", {"Sample.\"\"", "unknown key"}},
      {R"({"flag": true, "zzzzzzzz": 3})", {"zzzzzzzz", "flag, count, rate"}},
      // Wrong types.
      {R"({"flag": 1})", {"Sample.flag", "true or false", "1"}},
      {R"({"flag": "true"})", {"Sample.flag", "true or false", "string"}},
      {R"({"flag": null})", {"Sample.flag", "null"}},
      {R"({"count": 1.5})", {"Sample.count", "an integer", "1.5"}},
      {R"({"count": 2.0})", {"Sample.count", "an integer", "2.0"}},
      {R"({"count": "3"})", {"Sample.count", "an integer"}},
      {R"({"count": true})", {"Sample.count", "an integer", "boolean"}},
      {R"({"count": null})", {"Sample.count", "an integer"}},
      {R"({"count": 9223372036854775808})", {"Sample.count", "an integer"}},
      {R"({"count": 1e3})", {"Sample.count", "an integer"}},
      {R"({"rate": "0.3"})", {"Sample.rate", "a number"}},
      {R"({"rate": true})", {"Sample.rate", "a number"}},
      {R"({"rate": null})", {"Sample.rate", "a number"}},
      {R"({"rate": [0.3]})", {"Sample.rate", "a number", "array"}},
      {R"({"label": 3})", {"Sample.label", "a string"}},
      {R"({"label": null})", {"Sample.label", "a string"}},
      {R"({"reduction": 3})", {"Sample.reduction", "sum_over_batch_size"}},
      {R"({"reduction": "sums"})", {"Sample.reduction", "'sums'", "Did you mean 'sum'?"}},
      {R"({"reduction": ""})", {"Sample.reduction"}},
      {R"({"dtype": "float33"})", {"Sample.dtype", "float33", "Did you mean 'float32'?"}},
      {R"({"dtype": 32})", {"Sample.dtype", "the name of a dtype"}},
      {R"({"dtype": {"class_name": "Policy"}})", {"Sample.dtype", "the name of a dtype"}},
      {R"({"maybe": 1.5})", {"Sample.maybe", "an integer"}},
      {R"({"maybe": "null"})", {"Sample.maybe", "an integer"}},
      {R"({"weights": 3})", {"Sample.weights", "a list"}},
      {R"({"weights": {"a": 1}})", {"Sample.weights", "a list"}},
      {R"({"weights": [1, "2"]})", {"Sample.weights[1]", "a number"}},
      {R"({"weights": [null]})", {"Sample.weights[0]", "a number"}},
      {R"({"nested": [[1], [2, 3.5]]})", {"Sample.nested[1][1]", "an integer"}},
      {R"({"nested": [[1], 2]})", {"Sample.nested[1]", "a list"}},
      // Out of range.
      {R"({"count": 0})", {"Sample.count", "an integer of at least 1", "got 0"}},
      {R"({"rate": 1.5})", {"Sample.rate", "a number in [0, 1]", "got 1.5"}},
      {R"({"rate": -1e-300})", {"Sample.rate", "a number in [0, 1]"}},
      {R"({"extra": 0})", {"Sample.extra", "a number greater than 0"}},
  };
  for (const auto& wrong : table) {
    ASSAY_TRACE(wrong.config);
    const auto message = refused(wrong.config);
    for (const auto& named : wrong.named) EXPECT_THAT(message, HasSubstr(named));
  }
}

TEST(Fields, AMessageStaysShortWhateverTheValue) {
  const auto config = Json{{"count", std::string(1'000'000, 'x')}};
  const auto message = value_error([&] { options_from<SampleOptions>(config); });
  EXPECT_LT(message.size(), 400);
  const auto key = Json{{std::string(1'000'000, 'k'), 1}};
  EXPECT_LT(value_error([&] { options_from<SampleOptions>(key); }).size(), 800);
  // Nor does it throw over text that is not UTF-8.
  EXPECT_THAT(value_error([&] {
                options_from<SampleOptions>(Json{{"count", "\xff\xfe"}});
              }),
              HasSubstr("Sample.count"));
  EXPECT_THAT(value_error([&] {
                options_from<SampleOptions>(Json{{"coun\xff", 1}});
              }),
              HasSubstr("Did you mean 'count'?"));
}

TEST(Fields, OptionsGivenInCodeAreCheckedByTheSameRules) {
  EXPECT_EQ(checked(SampleOptions{.count = 5}).count, 5);
  EXPECT_THAT(value_error([] { checked(SampleOptions{.count = 0}); }), HasSubstr("Sample.count"));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double rate : {nan, infinity, -infinity}) {
    EXPECT_THAT(value_error([&] { checked(SampleOptions{.rate = rate}); }),
                HasSubstr("Sample.rate"));
    EXPECT_THAT(value_error([&] { checked(SampleOptions{.extra = rate}); }),
                HasSubstr("Sample.extra"));
  }
}

TEST(Fields, ConstraintsHoldWhereTheirRulesSay) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  const auto expect = [](const auto& constraint, auto fine, auto bad) {
    for (const auto x : fine) EXPECT_TRUE(constraint.holds(x)) << constraint.rule << ": " << x;
    for (const auto x : bad) EXPECT_FALSE(constraint.holds(x)) << constraint.rule << ": " << x;
  };
  using Doubles = std::vector<double>;
  using Integers = std::vector<std::int64_t>;
  expect(positive, Doubles{1e-300, 1, 1e300}, Doubles{0, -1, nan, infinity});
  expect(not_negative, Doubles{0, -0.0, 1e300}, Doubles{-1e-300, nan, infinity, -infinity});
  expect(in_unit_interval, Doubles{0, 0.5, 1}, Doubles{-1e-9, 1.0000001, nan, infinity});
  expect(finite, Doubles{-1e300, 0, 1e300}, Doubles{nan, infinity, -infinity});
  expect(at_least_one, Integers{1, INT64_MAX}, Integers{0, -1, INT64_MIN});
  expect(at_least_two, Integers{2, INT64_MAX}, Integers{1, 0, INT64_MIN});
}

TEST(Fields, TheSchemaDescribesEveryField) {
  const auto schema = fields().schema();
  EXPECT_EQ(schema.at("type"), "object");
  EXPECT_EQ(schema.at("additionalProperties"), false);
  const auto& properties = schema.at("properties");
  EXPECT_EQ(properties.size(), fields().list().size());
  EXPECT_EQ(properties.at("count").at("type"), "integer");
  EXPECT_EQ(properties.at("count").at("default"), 3);
  EXPECT_EQ(properties.at("count").at("description"), "A count. Must be an integer of at least 1.");
  EXPECT_EQ(properties.at("rate").at("type"), "number");
  EXPECT_EQ(properties.at("flag").at("description"), "A flag.");
  EXPECT_THAT(properties.at("reduction").at("enum").dump(), HasSubstr("sum_over_batch_size"));
  EXPECT_EQ(properties.at("maybe").at("anyOf").at(0).at("type"), "integer");
  EXPECT_EQ(properties.at("maybe").at("anyOf").at(1).at("type"), "null");
  EXPECT_EQ(properties.at("nested").at("items").at("items").at("type"), "integer");
  EXPECT_EQ(properties.at("anything").count("type"), 0);
}

TEST(Fields, AreMadeOnce) { EXPECT_EQ(&fields_of<SampleOptions>(), &fields_of<SampleOptions>()); }

}  // namespace
}  // namespace assay
