// SPDX-License-Identifier: Apache-2.0
// What every loss promises, whatever it computes: configurations, reductions, weights, masks,
// types, errors, and being a torch::nn module.
#include <ATen/autocast_mode.h>
#include <assay/core/dtype.h>
#include <assay/core/options/config.h>
#include <assay/core/shapes.h>
#include <assay/losses/registry.h>
#include <assay/tests/testing/check.h>
#include <assay/tests/testing/golden.h>
#include <assay/tests/testing/options.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <set>
#include <sstream>

namespace assay::losses {
namespace {

using assay::testing::copies;
using assay::testing::golden_cases;
using assay::testing::GoldenCase;
using assay::testing::near;
using assay::testing::one_case_per_config;
using assay::testing::random_cases;
using assay::testing::same_bits;
using assay::testing::value_error;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr std::array kReductions = {"sum", "sum_over_batch_size", "mean_with_sample_weight",
                                    "none"};

Json with(Json config, const std::string& key, const Json& value) {
  config[key] = value;
  return config;
}

Json without_dtype(Json config) {
  config.erase("dtype");
  return config;
}

bool has_field(const std::string& name, const std::string& key) {
  const auto entry = registry().entry(name);
  return std::any_of(entry.fields->list().begin(), entry.fields->list().end(),
                     [&](const auto& field) { return field->name == key; });
}

class LossContract : public ::testing::TestWithParam<std::string> {
 protected:
  // A case for each configuration and each rank.
  static std::vector<GoldenCase> cases() {
    auto chosen = one_case_per_config("losses", GetParam());
    std::set<std::int64_t> ranks;
    for (const auto& golden : chosen) ranks.insert(golden.call().y_pred.dim());
    for (const auto& golden : random_cases("losses", GetParam())) {
      if (ranks.insert(golden.call().y_pred.dim()).second) chosen.push_back(golden);
    }
    return chosen;
  }

  // A configuration that every check can start from: options without a default are given.
  static Json good_config() {
    const auto found = cases();
    return found.empty() ? Json::object() : without_dtype(found[0].config);
  }
};

// ---- configurations ---------------------------------------------------------------------------

TEST_P(LossContract, ConfigurationsComeBack) {
  std::vector<Json> configs;
  for (const auto& golden : golden_cases("losses", GetParam())) configs.push_back(golden.config);
  for (const auto* reduction : kReductions) {
    configs.push_back(with(good_config(), "reduction", reduction));
  }
  for (const auto* dtype : {"float16", "bfloat16", "float32", "float64"}) {
    configs.push_back(with(good_config(), "dtype", dtype));
  }
  configs.push_back(with(good_config(), "name", "a \"name\" of one's own, \xc3\xa9"));
  for (const auto& config : configs) {
    ASSAY_TRACE(config.dump());
    const auto loss = from_config(GetParam(), config);
    const auto first = loss->get_config();
    EXPECT_TRUE(testing::keeps(first, config));
    const auto again = from_config(GetParam(), first);
    EXPECT_EQ(again->get_config(), first);
    EXPECT_EQ(again->class_name(), GetParam());
    // Through text, as a file holds it.
    EXPECT_EQ(get(serialize(*loss).dump())->get_config(), first);
    EXPECT_EQ(get(nlohmann::json(serialize(*loss)))->get_config(), first);
  }
}

TEST_P(LossContract, SerializesInKerasShape) {
  const auto json = serialize(*from_config(GetParam(), good_config()));
  EXPECT_EQ(json.at("module"), "keras.losses");
  EXPECT_EQ(json.at("class_name"), GetParam());
  EXPECT_TRUE(json.at("registered_name").is_null());
  EXPECT_TRUE(json.at("config").is_object());
  EXPECT_EQ(json.size(), 4);
}

TEST_P(LossContract, WritesDtypeOnlyWhereItWasGiven) {
  EXPECT_FALSE(from_config(GetParam(), good_config())->get_config().contains("dtype"));
  const auto given = from_config(GetParam(), with(good_config(), "dtype", "float64"));
  EXPECT_EQ(given->get_config().at("dtype"), "float64");
}

TEST_P(LossContract, RefusesUnknownKeys) {
  testing::expect_unknown_keys_are_refused(
      *registry().entry(GetParam()).fields, good_config(),
      [](const Json& config) { from_config(GetParam(), config); });
}

TEST_P(LossContract, RefusesWrongTypes) {
  testing::expect_wrong_types_are_refused(
      *registry().entry(GetParam()).fields, good_config(),
      [](const Json& config) { from_config(GetParam(), config); });
}

TEST_P(LossContract, RefusesValuesOutOfRange) {
  testing::expect_rules_hold(*registry().entry(GetParam()).fields, good_config(),
                             [](const Json& config) { from_config(GetParam(), config); });
}

TEST_P(LossContract, RefusesUnknownReductions) {
  const auto refused = [](const char* reduction) {
    return value_error(
        [&] { from_config(GetParam(), with(good_config(), "reduction", reduction)); });
  };
  const auto message = refused("sum_over_bach_size");
  EXPECT_THAT(message, AllOf(HasSubstr(GetParam() + ".reduction"), HasSubstr("sum_over_bach_size"),
                             HasSubstr("Did you mean 'sum_over_batch_size'")));
  EXPECT_THAT(refused("SUM"), HasSubstr("Did you mean 'sum'"));
  EXPECT_THAT(refused(""), HasSubstr(GetParam() + ".reduction"));
}

TEST_P(LossContract, RefusesResultTypesThatAreNotFloating) {
  for (const auto* dtype : {"int32", "bool", "complex64"}) {
    EXPECT_THAT(value_error([&] { from_config(GetParam(), with(good_config(), "dtype", dtype)); }),
                HasSubstr("dtype"));
  }
}

// ---- reductions, weights, masks ----------------------------------------------------------------

// The rule of SEMANTICS.md, written out once more, for a weight that fits.
at::Tensor broadcast_weight(at::Tensor weight, const at::Tensor& values) {
  const auto leading = values.sizes().slice(0, std::min(weight.dim(), values.dim()));
  if (weight.dim() < values.dim() && weight.sizes() == leading) {
    while (weight.dim() < values.dim()) weight = weight.unsqueeze(-1);
  } else if (weight.dim() == values.dim() + 1) {
    weight = weight.squeeze(-1);
  }
  return weight.to(at::kDouble).expand_as(values);
}

at::Tensor reduced(const at::Tensor& values, const at::Tensor& weight, const at::Tensor& keep,
                   const std::string& reduction) {
  auto weighted = weight.defined() ? values * weight : values;
  if (keep.defined()) weighted = at::where(keep, weighted, 0.0);
  if (reduction == "none" || values.dim() == 0) return weighted;
  if (reduction == "sum") return weighted.sum();
  auto count = keep.defined() ? keep.to(at::kDouble) : at::ones_like(values);
  if (reduction == "mean_with_sample_weight" && weight.defined()) count = count * weight;
  const auto sum = count.sum();
  return sum.item<double>() == 0 ? at::zeros({}, at::kDouble) : weighted.sum() / sum;
}

// Weights of every shape that fits the values.
std::vector<at::Tensor> fitting_weights(const at::Tensor& values) {
  std::set<std::vector<std::int64_t>> shapes = {{}};
  if (values.dim() > 0) {
    const auto full = values.sizes().vec();
    shapes.insert(full);
    auto trailing = full;
    trailing.push_back(1);
    shapes.insert(trailing);
    for (std::size_t leading = 1; leading < full.size(); ++leading) {
      shapes.insert(std::vector<std::int64_t>(full.begin(), full.begin() + leading));
    }
    for (std::size_t one = 0; one < full.size(); ++one) {
      auto shape = full;
      shape[one] = 1;
      shapes.insert(shape);
    }
    shapes.insert(std::vector<std::int64_t>(full.size(), 1));
    shapes.insert({1});
  }
  std::vector<at::Tensor> weights;
  for (const auto& shape : shapes) {
    const auto count = c10::multiply_integers(shape);
    // 0.25, 0.5 .. with a 0 among them: exact in every type.
    weights.push_back((at::arange(count, at::kDouble).add(2).remainder(5) / 4).reshape(shape));
  }
  return weights;
}

TEST_P(LossContract, ReducesItsOwnValues) {
  for (const auto& golden : cases()) {
    ASSAY_TRACE(golden.name);
    const auto config = without_dtype(golden.config);
    const auto y_pred = golden.call().y_pred.to(at::kDouble);
    const auto& y_true = golden.call().y_true;
    const auto values =
        from_config(GetParam(), with(config, "reduction", "none"))->forward(y_true, y_pred);
    // A class that leaves values out itself counts fewer of them: only its sums are checked here.
    const bool counts_all =
        config.value("ignore_class", Json()).is_null() && GetParam() != "Circle";
    for (const auto* reduction : kReductions) {
      const std::string name = reduction;
      if (!counts_all && name != "sum" && name != "none") continue;
      const auto loss = from_config(GetParam(), with(config, "reduction", reduction));
      ASSAY_TRACE(reduction);
      EXPECT_TRUE(
          near(loss->forward(y_true, y_pred), reduced(values, {}, {}, reduction), 1e-12, 1e-14));
      for (const auto& weight : fitting_weights(values)) {
        ASSAY_TRACE("weight " << testing::text(weight));
        const auto expected =
            name == "none" && weight.dim() > values.dim()
                ? (values.dim() == 1 ? values.unsqueeze(1) * weight : values * weight.squeeze(-1))
                : reduced(values, broadcast_weight(weight, values), {}, reduction);
        for (const auto dtype : {at::kDouble, at::kFloat, at::kHalf}) {
          EXPECT_TRUE(
              near(loss->forward(y_true, y_pred, weight.to(dtype)), expected, 1e-12, 1e-14));
        }
        EXPECT_TRUE(
            near(loss->forward(y_true, y_pred, (weight * 4).to(at::kLong)),
                 name == "mean_with_sample_weight" && values.dim() > 0 ? expected : expected * 4,
                 1e-12, 1e-14));
      }
    }
  }
}

TEST_P(LossContract, RefusesWeightsThatDoNotFit) {
  for (const auto& golden : one_case_per_config("losses", GetParam())) {
    ASSAY_TRACE(golden.name);
    const auto loss = from_config(GetParam(), golden.config);
    const auto& y_true = golden.call().y_true;
    const auto& y_pred = golden.call().y_pred;
    const auto values = loss->call(y_true, y_pred).values;
    // 17 is the size of no axis here.
    std::vector<std::vector<std::int64_t>> shapes = {{17}};
    auto deeper = values.sizes().vec();
    deeper.push_back(2);
    shapes.push_back(deeper);
    shapes.push_back({0});
    if (values.dim() > 0) {
      auto longer = values.sizes().vec();
      longer.back() += 3;
      shapes.push_back(longer);
    }
    for (const auto& shape : shapes) {
      const auto message = value_error([&] { loss->forward(y_true, y_pred, at::ones(shape)); });
      EXPECT_THAT(message, AllOf(HasSubstr("sample_weight"), HasSubstr(describe(shape)),
                                 HasSubstr(describe(values.sizes()))));
    }
    EXPECT_THAT(
        value_error([&] { loss->forward(y_true, y_pred, at::ones({}, at::kComplexFloat)); }),
        HasSubstr("sample_weight"));
  }
}

TEST_P(LossContract, MaskedValuesLeaveNumeratorAndDenominator) {
  for (const auto& golden : cases()) {
    ASSAY_TRACE(golden.name);
    const auto config = without_dtype(golden.config);
    const auto y_pred = golden.call().y_pred.to(at::kDouble);
    const auto& y_true = golden.call().y_true;
    const bool counts_all =
        config.value("ignore_class", Json()).is_null() && GetParam() != "Circle";
    const auto values =
        from_config(GetParam(), with(config, "reduction", "none"))->forward(y_true, y_pred);
    if (values.dim() == 0 || !counts_all) continue;
    const auto scattered =
        at::arange(values.numel()).mul(7).remainder(3).ne(0).view(values.sizes());
    auto by_sample = at::arange(values.size(0)).remainder(2).eq(0);
    const std::vector<at::Tensor> masks = {scattered, by_sample, at::zeros({}, at::kBool),
                                           at::ones({}, at::kBool), scattered.to(at::kFloat)};
    for (const auto& mask : masks) {
      for (const auto& weight :
           {at::Tensor(), at::arange(1, values.size(0) + 1, at::kDouble) / 2}) {
        for (const auto* reduction : kReductions) {
          ASSAY_TRACE(reduction << ", mask " << testing::text(mask) << ", weight "
                                << testing::text(weight));
          const auto loss = from_config(GetParam(), with(config, "reduction", reduction));
          const auto keep = broadcast_weight(mask, values).ne(0);
          const auto expected =
              reduced(values, weight.defined() ? broadcast_weight(weight, values) : weight, keep,
                      reduction);
          EXPECT_TRUE(near(loss->forward(y_true, y_pred, weight, mask), expected, 1e-12, 1e-14));
        }
      }
    }
    const auto loss = from_config(GetParam(), config);
    const auto wrong = at::ones({17}, at::kBool);
    EXPECT_THAT(value_error([&] { loss->forward(y_true, y_pred, {}, wrong); }),
                AllOf(HasSubstr("mask"), HasSubstr("[17]"), HasSubstr(describe(values.sizes()))));
  }
}

// ---- types and inputs --------------------------------------------------------------------------

TEST_P(LossContract, ResultsHaveThePredictionsType) {
  for (const auto& golden : one_case_per_config("losses", GetParam())) {
    ASSAY_TRACE(golden.name);
    const auto config = without_dtype(golden.config);
    const auto& y_true = golden.call().y_true;
    const auto& y_pred = golden.call().y_pred;
    const auto& sample_weight = golden.call().sample_weight;
    const auto loss = from_config(GetParam(), config);
    for (const auto dtype : {at::kHalf, at::kBFloat16, at::kFloat, at::kDouble}) {
      EXPECT_EQ(loss->forward(y_true, y_pred.to(dtype)).scalar_type(), dtype);
      EXPECT_EQ(loss->forward(y_true, y_pred.to(dtype), sample_weight).scalar_type(), dtype);
      for (const auto* wanted : {"float16", "bfloat16", "float32", "float64"}) {
        const auto typed = from_config(GetParam(), with(config, "dtype", wanted));
        EXPECT_EQ(dtype_name(typed->forward(y_true, y_pred.to(dtype)).scalar_type()), wanted);
      }
    }
    // Weights of more precision change nothing.
    EXPECT_EQ(loss->forward(y_true, y_pred.to(at::kHalf), at::ones({}, at::kDouble)).scalar_type(),
              at::kHalf);
  }
}

TEST_P(LossContract, IntegerPredictionsCountAsFloat32) {
  for (const auto& golden : one_case_per_config("losses", GetParam())) {
    ASSAY_TRACE(golden.name);
    const auto loss = from_config(GetParam(), without_dtype(golden.config));
    const auto& y_true = golden.call().y_true;
    for (const auto dtype : {at::kLong, at::kInt, at::kByte, at::kBool}) {
      const auto whole = golden.call().y_pred.to(at::kFloat).abs().mul(3).to(dtype);
      const auto value = loss->forward(y_true, whole);
      EXPECT_EQ(value.scalar_type(), at::kFloat);
      EXPECT_TRUE(same_bits(value, loss->forward(y_true, whole.to(at::kFloat))));
    }
  }
}

TEST_P(LossContract, ScalarsAreTheirOwnMean) {
  for (const auto& golden : one_case_per_config("losses", GetParam())) {
    ASSAY_TRACE(golden.name);
    auto config = without_dtype(golden.config);
    config.erase("axis");
    const auto loss = from_config(GetParam(), with(config, "reduction", "none"));
    const auto y_true = at::full({}, 1.0);
    const auto y_pred = at::full({}, 0.25);
    try {
      loss->forward(y_true, y_pred);
    } catch (const c10::ValueError&) {
      continue;  // it needs an axis of classes, components or steps
    }
    // The only element of a row, whose sum and mean it is.
    const auto expected = loss->forward(y_true.view({1, 1}), y_pred.view({1, 1})).reshape({});
    for (const auto dtype : {at::kDouble, at::kFloat, at::kHalf, at::kBFloat16}) {
      const auto value = loss->forward(y_true, y_pred.to(dtype));
      EXPECT_EQ(value.scalar_type(), dtype);
      EXPECT_TRUE(near(value, expected, 1e-2, 1e-6));
      EXPECT_TRUE(near(loss->forward(y_true, y_pred.to(dtype), at::full({}, 2.0)), 2 * expected,
                       1e-2, 1e-6));
    }
    EXPECT_TRUE(near(loss->forward(y_true, y_pred), expected, 1e-6, 1e-7));
  }
}

TEST_P(LossContract, AutocastComputesInFloat32) {
  for (const auto& golden : one_case_per_config("losses", GetParam())) {
    ASSAY_TRACE(golden.name);
    const auto loss = from_config(GetParam(), without_dtype(golden.config));
    const auto y_pred = golden.call().y_pred.to(at::kBFloat16);
    const auto expected = loss->forward(golden.call().y_true, y_pred.to(at::kFloat));
    at::autocast::set_autocast_enabled(at::kCPU, true);
    at::autocast::set_autocast_dtype(at::kCPU, at::kBFloat16);
    const auto leaf = y_pred.clone().requires_grad_();
    const auto value = loss->forward(golden.call().y_true, leaf);
    const auto precise = loss->forward(golden.call().y_true, y_pred.to(at::kFloat));
    value.sum().backward();
    at::autocast::clear_cache();
    at::autocast::set_autocast_enabled(at::kCPU, false);
    EXPECT_EQ(value.scalar_type(), at::kFloat);
    EXPECT_TRUE(near(value, expected, 1e-6, 1e-6));
    EXPECT_TRUE(near(precise, expected, 1e-6, 1e-6));
    EXPECT_EQ(leaf.grad().scalar_type(), at::kBFloat16);
  }
}

TEST_P(LossContract, InputsStayAsTheyWere) {
  for (const auto& golden : golden_cases("losses", GetParam())) {
    ASSAY_TRACE(golden.name);
    const auto loss = from_config(GetParam(), golden.config);
    const auto& y_true = golden.call().y_true;
    const auto& y_pred = golden.call().y_pred;
    const auto& sample_weight = golden.call().sample_weight;
    const auto leaf = y_pred.clone();
    if (at::isFloatingType(leaf.scalar_type())) leaf.requires_grad_();
    const std::vector<at::Tensor> inputs = {y_true, leaf, sample_weight};
    const auto before = copies(inputs);
    const auto value = loss->forward(y_true, leaf, sample_weight);
    const auto result = value.detach().clone();
    if (value.requires_grad()) value.sum().backward();
    EXPECT_TRUE(same_bits(inputs, before));
    EXPECT_TRUE(same_bits(value, result));
    EXPECT_FALSE(value.is_alias_of(leaf));
    EXPECT_TRUE(same_bits(loss->forward(y_true, leaf, sample_weight), result)) << "a second call";
  }
}

// ---- errors ------------------------------------------------------------------------------------

TEST_P(LossContract, ShapesThatDoNotFitAreErrors) {
  for (const auto& golden : one_case_per_config("losses", GetParam())) {
    ASSAY_TRACE(golden.name);
    const auto loss = from_config(GetParam(), golden.config);
    const auto& y_true = golden.call().y_true;
    const auto& y_pred = golden.call().y_pred;
    const auto longer = at::cat({y_pred, y_pred}, 0);
    // Labels of classes and one row of scores: there are then only more classes.
    if (y_pred.dim() == 1 && y_true.sizes() != y_pred.sizes()) continue;
    if (golden.config.contains("class_weight")) continue;  // that has another size then
    const auto names_both = AllOf(HasSubstr("y_true"), HasSubstr("y_pred"));
    EXPECT_THAT(value_error([&] { loss->forward(y_true, longer); }),
                AllOf(names_both, HasSubstr(describe(longer.sizes()))));
  }
}

TEST_P(LossContract, MissingAndComplexTensorsAreErrors) {
  const auto loss = from_config(GetParam(), good_config());
  const auto found = cases();
  ASSERT_FALSE(found.empty());
  const auto& y_true = found[0].call().y_true;
  const auto& y_pred = found[0].call().y_pred;
  EXPECT_THAT(value_error([&] { loss->forward({}, y_pred); }), HasSubstr("y_true"));
  EXPECT_THAT(value_error([&] { loss->forward(y_true, {}); }), HasSubstr("y_pred"));
  EXPECT_THAT(value_error([&] { loss->forward(y_true, y_pred.to(at::kComplexFloat)); }),
              HasSubstr("y_pred"));
  EXPECT_THAT(value_error([&] { loss->forward(y_true.to(at::kComplexFloat), y_pred); }),
              HasSubstr("y_true"));
}

TEST_P(LossContract, LabelsThatNameNoClassAreErrors) {
  static const std::set<std::string> with_class_labels = {"CategoricalGeneralizedCrossEntropy",
                                                          "SparseCategoricalCrossentropy",
                                                          "SparseCategoricalFocalCrossentropy"};
  if (!with_class_labels.contains(GetParam())) GTEST_SKIP() << "labels are no indices of classes";
  const auto y_pred = at::full({2, 3}, 1.0 / 3);
  const bool ignores = has_field(GetParam(), "ignore_class");
  std::vector<Json> configs = {Json::object()};
  if (ignores) {
    configs.push_back({{"ignore_class", 255}});
    configs.push_back({{"from_logits", true}});
    configs.push_back({{"from_logits", true}, {"ignore_class", 255}});
  }
  for (const auto& config : configs) {
    ASSAY_TRACE(config.dump());
    const auto refused = [&](const at::Tensor& labels) {
      return value_error([&] { from_config(GetParam(), config)->forward(labels, y_pred); });
    };
    const auto outside = HasSubstr("expected labels in [0, 3)");
    for (const std::int64_t bad : {-1L, 3L, -100L, 1L << 40}) {
      EXPECT_THAT(refused(torch::tensor({std::int64_t{0}, bad})),
                  AllOf(HasSubstr("y_true"), HasSubstr(std::to_string(bad)), outside));
    }
    EXPECT_THAT(refused(torch::tensor({0, 3}, at::kByte)), outside);
    EXPECT_THAT(refused(torch::tensor({0.f, 3.f})), outside);
    EXPECT_THAT(refused(torch::tensor({0.f, 1.5f})),
                AllOf(HasSubstr("y_true"), HasSubstr("integers")));
    EXPECT_THAT(refused(torch::tensor({0.f, std::nanf("")})), HasSubstr("y_true"));
    EXPECT_THAT(refused(torch::tensor({0.f, INFINITY})), HasSubstr("y_true"));
  }
  if (!ignores) return;
  // What is ignored need not name a class, and what names one may be ignored.
  for (const std::int64_t ignored : {-1L, 255L, 1L}) {
    const auto loss = from_config(GetParam(), {{"ignore_class", ignored}});
    EXPECT_TRUE(
        loss->forward(torch::tensor({std::int64_t{0}, ignored}), y_pred).isfinite().item<bool>());
  }
}

TEST_P(LossContract, OptionsThatDoNotFitTheInputsAreErrors) {
  const auto found = cases();
  ASSERT_FALSE(found.empty());
  const auto& y_true = found[0].call().y_true;
  const auto& y_pred = found[0].call().y_pred;
  const auto refused = [&](const std::string& key, const Json& value) {
    const auto loss = from_config(GetParam(), with(good_config(), key, value));
    return value_error([&] { loss->forward(y_true, y_pred); });
  };
  if (has_field(GetParam(), "axis")) {
    EXPECT_THAT(refused("axis", 7), HasSubstr("axis is 7"));
    EXPECT_THAT(refused("axis", -8), HasSubstr("axis is -8"));
  }
  if (has_field(GetParam(), "class_weight")) {
    const std::vector<double> too_many(17, 1.0);
    EXPECT_THAT(refused("class_weight", too_many),
                AllOf(HasSubstr("class_weight"), HasSubstr("17"), HasSubstr("classes")));
    EXPECT_THAT(refused("class_weight", {{"0", 2.0}, {"40", 2.0}}),
                AllOf(HasSubstr("class_weight"), HasSubstr("40"), HasSubstr("classes")));
    if (has_field(GetParam(), "alpha")) {
      EXPECT_THAT(refused("alpha", too_many),
                  AllOf(HasSubstr("alpha"), HasSubstr("17"), HasSubstr("classes")));
    }
  }
}

TEST(LossLabels, ThatNameNoClassAreErrorsInSequencesToo) {
  const auto refused = [](const at::Tensor& labels) {
    return value_error([&] { get("CTC")->forward(labels, at::zeros({1, 4, 3})); });
  };
  EXPECT_THAT(refused(torch::tensor({{1, 3}})),
              AllOf(HasSubstr("y_true"), HasSubstr("the label 3"), HasSubstr("[0, 3)")));
  EXPECT_THAT(refused(torch::tensor({{1, -1}})), HasSubstr("the label -1"));
  EXPECT_THAT(refused(torch::tensor({{1.f, 1.5f}})),
              AllOf(HasSubstr("y_true"), HasSubstr("integers")));
}

TEST(LossLabels, OfEmbeddingsAreIntegers) {
  const auto labels = torch::tensor({0.f, 0.5f});
  EXPECT_THAT(value_error([&] {
                get("Circle")->forward(labels, at::ones({2, 3}));
              }),
              AllOf(HasSubstr("y_true"), HasSubstr("integers")));
}

// ---- modules -----------------------------------------------------------------------------------

struct Net : torch::nn::Cloneable<Net> {
  explicit Net(std::shared_ptr<Loss> given) : criterion(std::move(given)) { reset(); }
  void reset() override {
    linear = register_module("linear", torch::nn::Linear(3, 2));
    criterion = register_module("criterion", criterion);
  }
  torch::nn::Linear linear{nullptr};
  std::shared_ptr<Loss> criterion;
};

TEST_P(LossContract, IsAModuleAmongModules) {
  const auto found = cases();
  ASSERT_FALSE(found.empty());
  const auto loss = from_config(GetParam(), good_config());
  const auto& y_true = found[0].call().y_true;
  const auto& y_pred = found[0].call().y_pred;
  const auto& sample_weight = found[0].call().sample_weight;
  const auto expected = loss->forward(y_true, y_pred, sample_weight);

  const auto copy = std::dynamic_pointer_cast<Loss>(loss->clone());
  ASSERT_TRUE(copy);
  EXPECT_NE(copy.get(), loss.get());
  EXPECT_EQ(copy->get_config(), loss->get_config());
  EXPECT_TRUE(same_bits(copy->forward(y_true, y_pred, sample_weight), expected));

  Net net(loss);
  EXPECT_EQ(net.parameters().size(), 2) << "a loss brings no parameters";
  EXPECT_TRUE(loss->buffers().empty());
  EXPECT_EQ(net.named_children()["criterion"], loss);
  net.to(at::kDouble);
  net.to(torch::Device("cpu"));
  net.eval();
  EXPECT_FALSE(loss->is_training());
  net.train();
  net.zero_grad();
  EXPECT_TRUE(same_bits(net.criterion->forward(y_true, y_pred, sample_weight), expected));

  std::ostringstream printed;
  printed << net;
  EXPECT_THAT(printed.str(),
              AllOf(HasSubstr("(criterion): " + GetParam() + "("), HasSubstr("\"reduction\"")));
  EXPECT_EQ(loss->name(), loss->get_config().at("name").get<std::string>());
}

TEST_P(LossContract, IsFoundByItsKerasName) {
  EXPECT_TRUE(registry().contains(GetParam()));
  const auto entry = registry().entry(GetParam());
  EXPECT_FALSE(entry.aliases.empty());
  for (const auto& alias : entry.aliases) {
    EXPECT_EQ(registry().entry(alias).class_name, GetParam()) << alias;
  }
  for (const auto& field : entry.fields->list()) {
    EXPECT_FALSE(field->doc.empty()) << field->name;
  }
  for (const auto* key : {"reduction", "name", "dtype"}) EXPECT_TRUE(has_field(GetParam(), key));
}

INSTANTIATE_TEST_SUITE_P(Every, LossContract, ::testing::ValuesIn(registry().names()),
                         [](const auto& info) { return info.param; });

// ---- names -------------------------------------------------------------------------------------

TEST(LossNames, KerasAliasesNameTheSameClasses) {
  const std::vector<std::pair<std::string, std::string>> aliases = {
      {"mse", "MeanSquaredError"},
      {"MSE", "MeanSquaredError"},
      {"mae", "MeanAbsoluteError"},
      {"MAE", "MeanAbsoluteError"},
      {"mape", "MeanAbsolutePercentageError"},
      {"MAPE", "MeanAbsolutePercentageError"},
      {"msle", "MeanSquaredLogarithmicError"},
      {"MSLE", "MeanSquaredLogarithmicError"},
      {"bce", "BinaryCrossentropy"},
      {"BCE", "BinaryCrossentropy"},
      {"kld", "KLDivergence"},
      {"KLD", "KLDivergence"},
      {"kl_divergence", "KLDivergence"},
      {"kullback_leibler_divergence", "KLDivergence"},
      {"logcosh", "LogCosh"},
      {"log_cosh", "LogCosh"},
      {"cosine_similarity", "CosineSimilarity"},
      {"huber", "Huber"},
      {"hinge", "Hinge"},
      {"squared_hinge", "SquaredHinge"},
      {"categorical_hinge", "CategoricalHinge"},
      {"poisson", "Poisson"},
      {"binary_focal_crossentropy", "BinaryFocalCrossentropy"},
      {"categorical_crossentropy", "CategoricalCrossentropy"},
      {"categorical_focal_crossentropy", "CategoricalFocalCrossentropy"},
      {"categorical_generalized_cross_entropy", "CategoricalGeneralizedCrossEntropy"},
      {"sparse_categorical_crossentropy", "SparseCategoricalCrossentropy"},
      {"ctc", "CTC"},
      {"dice", "Dice"},
      {"tversky", "Tversky"},
      {"circle", "Circle"},
  };
  for (const auto& [alias, class_name] : aliases) {
    ASSAY_TRACE(alias);
    ASSERT_TRUE(registry().contains(alias));
    EXPECT_EQ(get(alias)->class_name(), class_name);
    EXPECT_EQ(get("\"" + alias + "\"")->class_name(), class_name);
    EXPECT_EQ(get(Json(alias))->class_name(), class_name);
  }
}

}  // namespace
}  // namespace assay::losses
