// SPDX-License-Identifier: Apache-2.0
// What every metric promises, whatever it measures: configurations, state, merging, errors that
// change nothing, and updates that never wait for the device.
#include <assay/core/dtype.h>
#include <assay/core/options/config.h>
#include <assay/core/shapes.h>
#include <assay/metrics/registry.h>
#include <assay/tests/testing/check.h>
#include <assay/tests/testing/golden.h>
#include <assay/tests/testing/options.h>
#include <assay/tests/testing/streams.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <array>
#include <numeric>
#include <random>
#include <set>
#include <sstream>

namespace assay::metrics {
namespace {

using assay::testing::Call;
using assay::testing::copies;
using assay::testing::golden_cases;
using assay::testing::GoldenCase;
using assay::testing::near;
using assay::testing::one_case_per_config;
using assay::testing::random_cases;
using assay::testing::random_parts;
using assay::testing::same_bits;
using assay::testing::Stream;
using assay::testing::streams;
using assay::testing::value_error;
using assay::testing::within_one_ulp;
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;

using Tensors = std::vector<at::Tensor>;
using MetricPointer = std::shared_ptr<Metric>;

Json with(Json config, const std::string& key, const Json& value) {
  config[key] = value;
  return config;
}

void update(Metric& metric, const Call& call) {
  metric.update_state(call.y_true, call.y_pred, call.sample_weight);
}

bool has_field(const std::string& name, const std::string& key) {
  const auto entry = registry().entry(name);
  return std::any_of(entry.fields->list().begin(), entry.fields->list().end(),
                     [&](const auto& field) { return field->name == key; });
}

// Metrics of values alone.
bool takes_predictions(const std::string& name) { return name != "Mean" && name != "Sum"; }

// A window counts batches, and a bootstrap draws by a sample's place in the stream: what they make
// of rows depends on how and where they came.
bool sees_rows_alone(const std::string& name) {
  return name != "SlidingWindow" && name != "BootstrapInterval";
}

// What a metric does not know before it has seen data, it says so.
std::string result_or_error(const Metric& metric) {
  try {
    return testing::text(metric.result());
  } catch (const c10::ValueError& error) {
    return error.what_without_backtrace();
  }
}

class MetricContract : public ::testing::TestWithParam<std::string> {
 protected:
  static Json good_config() {
    const auto found = random_cases("metrics", GetParam());
    if (found.empty()) return Json::object();
    auto config = found[0].config;
    config.erase("dtype");
    return config;
  }
  static MetricPointer make(const Json& config) { return from_config(GetParam(), config); }

  static std::vector<Stream> all_streams(std::int64_t least = 2) {
    auto found = streams(GetParam(), least);
    EXPECT_FALSE(found.empty()) << "no rows to test with";
    return found;
  }
};

// ---- configurations ---------------------------------------------------------------------------

TEST_P(MetricContract, ConfigurationsComeBack) {
  std::vector<Json> configs;
  for (const auto& golden : golden_cases("metrics", GetParam())) configs.push_back(golden.config);
  for (const auto* dtype : {"float16", "bfloat16", "float32", "float64"}) {
    configs.push_back(with(good_config(), "dtype", dtype));
  }
  configs.push_back(with(good_config(), "name", "a \"name\" of one's own, \xc3\xa9"));
  for (const auto& config : configs) {
    ASSAY_TRACE(config.dump());
    const auto metric = make(config);
    const auto first = metric->get_config();
    auto given = config;
    // What stands in another configuration is written in full.
    for (const auto* key : {"fn", "metric"}) given.erase(key);
    EXPECT_TRUE(testing::keeps(first, given));
    EXPECT_EQ(make(first)->get_config(), first);
    EXPECT_EQ(make(first)->class_name(), GetParam());
    EXPECT_EQ(metric->fresh()->get_config(), first);
    EXPECT_EQ(get(serialize(*metric).dump())->get_config(), first);
    EXPECT_EQ(get(nlohmann::json(serialize(*metric)))->get_config(), first);
    EXPECT_EQ(first.at("name"), metric->name());
    EXPECT_EQ(first.at("dtype"), dtype_name(metric->dtype()));
  }
}

TEST_P(MetricContract, SerializesInKerasShape) {
  const auto json = serialize(*make(good_config()));
  EXPECT_EQ(json.at("module"), "keras.metrics");
  EXPECT_EQ(json.at("class_name"), GetParam());
  EXPECT_TRUE(json.at("registered_name").is_null());
  EXPECT_TRUE(json.at("config").is_object());
  EXPECT_EQ(json.size(), 4);
}

TEST_P(MetricContract, RefusesUnknownKeys) {
  if (GetParam() == "MeanMetricWrapper") GTEST_SKIP() << "further keys are the function's";
  testing::expect_unknown_keys_are_refused(*registry().entry(GetParam()).fields, good_config(),
                                           [](const Json& config) { make(config); });
}

TEST_P(MetricContract, RefusesWrongTypes) {
  testing::expect_wrong_types_are_refused(*registry().entry(GetParam()).fields, good_config(),
                                          [](const Json& config) { make(config); });
}

TEST_P(MetricContract, RefusesValuesOutOfRange) {
  testing::expect_rules_hold(*registry().entry(GetParam()).fields, good_config(),
                             [](const Json& config) { make(config); });
}

TEST_P(MetricContract, IsFoundByItsKerasName) {
  const auto entry = registry().entry(GetParam());
  EXPECT_FALSE(entry.aliases.empty());
  for (const auto& alias : entry.aliases) {
    EXPECT_EQ(registry().entry(alias).class_name, GetParam()) << alias;
  }
  for (const auto& field : entry.fields->list()) {
    EXPECT_FALSE(field->doc.empty()) << field->name;
  }
  for (const auto* key : {"name", "dtype"}) EXPECT_TRUE(has_field(GetParam(), key));
}

// ---- splits and merges -------------------------------------------------------------------------

// Whether sums of these are exact in float64, so that no order of addition can show.
bool is_whole(const at::Tensor& tensor) {
  return !at::isFloatingType(tensor.scalar_type()) ||
         (tensor.isfinite().all().item<bool>() && tensor.eq(tensor.round()).all().item<bool>());
}

// The results of any two ways to see the same rows: bit for bit where the state is whole numbers.
void expect_same(const Metric& actual, const Metric& expected, bool exact) {
  if (exact) {
    EXPECT_TRUE(same_bits(actual.variables(), expected.variables()));
    EXPECT_TRUE(same_bits(actual.result(), expected.result()));
  } else {
    EXPECT_TRUE(within_one_ulp(actual.result(), expected.result()));
  }
}

bool is_exact(const Stream& stream, const std::string& name) {
  for (std::int64_t row = 0; row < stream.size(); ++row) {
    const auto metric = from_config(name, stream.config);
    update(*metric, stream.rows(row, row + 1));
    for (const auto& variable : metric->state().variables()) {
      const bool sums = variable.merge == Merge::kSum;
      if (sums && !is_whole(variable.value)) return false;
    }
  }
  return true;
}

TEST_P(MetricContract, BatchesAndOrderDoNotMatter) {
  if (!sees_rows_alone(GetParam())) GTEST_SKIP() << "wrappers_test.cpp has what holds for it";
  std::mt19937 random(1);
  for (const auto& stream : all_streams(12)) {
    ASSAY_TRACE(stream.name);
    const bool exact = is_exact(stream, GetParam());
    const auto whole = make(stream.config);
    update(*whole, stream.whole);
    for (const std::int64_t parts : {1, 2, 3, 5, 12}) {
      ASSAY_TRACE(parts << " batches");
      const auto metric = make(stream.config);
      for (const auto& part : random_parts(stream.size(), parts, random)) {
        update(*metric, stream.rows(part));
      }
      expect_same(*metric, *whole, exact);
    }
  }
}

TEST_P(MetricContract, TreesOfMergesGiveTheSame) {
  std::mt19937 random(2);
  for (const auto& stream : all_streams(70)) {
    ASSAY_TRACE(stream.name);
    const bool exact = is_exact(stream, GetParam());
    auto whole = make(stream.config);
    update(*whole, stream.whole);
    for (const std::int64_t instances : {1, 2, 3, 7, 20, 33, 64}) {
      ASSAY_TRACE(instances << " instances");
      std::vector<MetricPointer> left;
      for (const auto& part : random_parts(stream.size(), instances, random)) {
        left.push_back(make(stream.config));
        if (!part.empty()) update(*left.back(), stream.rows(part));
      }
      if (!sees_rows_alone(GetParam())) {  // all at once, instead of one that saw all the rows
        whole = make(stream.config);
        std::vector<const Metric*> all;
        for (const auto& metric : left) all.push_back(metric.get());
        whole->merge_state(all);
      }
      // Any tree: one at random takes up to three others until a single one is left.
      while (left.size() > 1) {
        std::shuffle(left.begin(), left.end(), random);
        const auto taken = std::min<std::size_t>(left.size() - 1, 1 + random() % 3);
        std::vector<const Metric*> others;
        Tensors before;
        for (std::size_t i = 0; i < taken; ++i) {
          others.push_back(left[left.size() - 2 - i].get());
          for (const auto& variable : others.back()->variables())
            before.push_back(variable.clone());
        }
        left.back()->merge_state(others);
        Tensors after;
        for (const auto* other : others) {
          for (const auto& variable : other->variables()) after.push_back(variable);
        }
        EXPECT_TRUE(same_bits(after, before)) << "the others stay as they are";
        left.erase(left.end() - 1 - static_cast<std::ptrdiff_t>(taken), left.end() - 1);
      }
      expect_same(*left[0], *whole, exact);
    }
  }
}

TEST_P(MetricContract, MergedMetricsGoOnCounting) {
  if (!sees_rows_alone(GetParam())) GTEST_SKIP() << "wrappers_test.cpp has what holds for it";
  for (const auto& stream : all_streams(4)) {
    ASSAY_TRACE(stream.name);
    const auto whole = make(stream.config);
    update(*whole, stream.whole);
    const auto half = stream.size() / 2;
    const auto first = make(stream.config);
    const auto second = make(stream.config);
    update(*first, stream.rows(0, 1));
    update(*second, stream.rows(1, half));
    second->merge_state({first.get()});
    update(*second, stream.rows(half, stream.size()));
    expect_same(*second, *whole, is_exact(stream, GetParam()));
    // Without others, and with others that saw nothing, nothing happens.
    const auto before = copies(second->variables());
    second->merge_state({});
    const auto fresh = make(stream.config);
    second->merge_state({fresh.get(), fresh.get()});
    EXPECT_TRUE(same_bits(second->variables(), before));
    // With itself it counts twice.
    const auto twice = make(stream.config);
    update(*twice, stream.whole);
    twice->merge_state({twice.get()});
    update(*whole, stream.whole);
    expect_same(*twice, *whole, is_exact(stream, GetParam()));
  }
}

TEST_P(MetricContract, MergeRefusesOthersAndChangesNothing) {
  const auto stream = all_streams().at(0);
  const auto metric = make(stream.config);
  const auto good = make(stream.config);
  update(*metric, stream.whole);
  update(*good, stream.whole);
  const MetricPointer foreign = get(GetParam() == "Sum" ? "Mean" : "Sum");
  foreign->update_state(at::ones({3}));
  const auto before = copies(metric->variables());
  const auto others = copies(good->variables());

  const auto refused = [&](const Metric* other) {
    const auto message = value_error([&] { metric->merge_state({good.get(), other}); });
    EXPECT_TRUE(same_bits(metric->variables(), before));
    EXPECT_TRUE(same_bits(good->variables(), others));
    return message;
  };
  EXPECT_THAT(refused(foreign.get()), AllOf(HasSubstr("merge_state"), HasSubstr(GetParam()),
                                            HasSubstr(foreign->class_name())));
  EXPECT_THAT(refused(nullptr), HasSubstr("merge_state"));
  EXPECT_DOUBLE_EQ(foreign->result().item<double>(), GetParam() == "Sum" ? 1 : 3);

  // Every other configuration of the class.
  const auto own = metric->get_config();
  std::vector<Json> configs = {with(stream.config, "dtype", "float64")};
  for (const auto& golden : golden_cases("metrics", GetParam())) configs.push_back(golden.config);
  int different = 0;
  for (const auto& config : configs) {
    const auto other = make(config);
    if (other->get_config() == own) continue;
    ASSAY_TRACE(config.dump());
    ++different;
    EXPECT_THAT(refused(other.get()), HasSubstr("configurations differ"));
  }
  EXPECT_GT(different, 0);

  // The name is no part of what must agree.
  const auto renamed = make(with(stream.config, "name", "another"));
  update(*renamed, stream.whole);
  metric->merge_state({renamed.get()});
  EXPECT_FALSE(same_bits(metric->variables(), before));
}

// ---- state -------------------------------------------------------------------------------------

TEST_P(MetricContract, ResetForgetsEverything) {
  for (const auto& stream : all_streams()) {
    ASSAY_TRACE(stream.name);
    const auto metric = make(stream.config);
    const auto empty = result_or_error(*make(stream.config));
    update(*metric, stream.whole);
    const auto state = copies(metric->variables());
    const auto result = metric->result();
    metric->reset_state();
    for (const auto& variable : metric->state().variables()) {
      EXPECT_TRUE(variable.value.eq(variable.initial).all().item<bool>()) << variable.name;
    }
    update(*metric, stream.whole);
    EXPECT_TRUE(same_bits(metric->variables(), state));
    EXPECT_TRUE(same_bits(metric->result(), result));
    EXPECT_EQ(result_or_error(*make(stream.config)), empty);
  }
}

TEST_P(MetricContract, BeforeTheFirstUpdateTheResultIsZeroOrAnErrorThatSaysSo) {
  static const std::set<std::string> need_data = {"F1Score", "FBetaScore", "R2Score"};
  for (const auto& golden : one_case_per_config("metrics", GetParam())) {
    ASSAY_TRACE(golden.name);
    const auto metric = make(golden.config);
    const bool unknown_labels = GetParam() == "AUC" && golden.config.value("multi_label", false) &&
                                !golden.config.contains("num_labels");
    if (need_data.contains(GetParam()) || unknown_labels) {
      EXPECT_THAT(value_error([&] { metric->result(); }), HasSubstr("update"));
      continue;
    }
    auto result = metric->result();
    EXPECT_EQ(result.scalar_type(), metric->dtype());
    EXPECT_TRUE(result.isfinite().all().item<bool>()) << testing::text(result);
    // A curve's last row is its thresholds.
    if (GetParam().ends_with("Curve")) result = result.slice(0, 0, -1);
    EXPECT_TRUE(GetParam() == "PrecisionRecallCurve" || result.eq(0).all().item<bool>())
        << testing::text(result);
  }
}

TEST_P(MetricContract, ResultsAreComputedFromTheStateAndLeaveIt) {
  for (const auto& stream : all_streams()) {
    ASSAY_TRACE(stream.name);
    const auto metric = make(stream.config);
    const auto called = make(stream.config);
    update(*metric, stream.whole);
    const auto state = copies(metric->variables());
    const auto result = metric->result();
    EXPECT_FALSE(result.requires_grad());
    EXPECT_TRUE(same_bits(metric->result(), result));
    const auto results = metric->results();
    ASSERT_FALSE(results.empty());
    std::set<std::string> names;
    for (const auto& [name, value] : results) {
      EXPECT_TRUE(value.defined()) << name;
      EXPECT_TRUE(names.insert(name).second) << name << " stands twice";
      EXPECT_THAT(name, HasSubstr(metric->name()));
    }
    if (results.size() == 1) {
      EXPECT_TRUE(same_bits(results[0].second, result));
    }
    EXPECT_TRUE(same_bits(metric->variables(), state));
    // What the caller does to a result does not reach the state.
    metric->result().fill_(7);
    EXPECT_TRUE(same_bits(metric->variables(), state));
    EXPECT_TRUE(same_bits(
        (*called)(stream.whole.y_true, stream.whole.y_pred, stream.whole.sample_weight), result));
  }
}

TEST_P(MetricContract, ResultsHaveTheTypeThatIsAskedFor) {
  const auto stream = all_streams().at(0);
  const auto exact = make(with(stream.config, "dtype", "float64"));
  update(*exact, stream.whole);
  for (const auto* dtype : {"float16", "bfloat16", "float32", "float64"}) {
    const auto metric = make(with(stream.config, "dtype", dtype));
    update(*metric, stream.whole);
    EXPECT_EQ(dtype_name(metric->result().scalar_type()), dtype);
    EXPECT_TRUE(same_bits(metric->variables(), exact->variables()))
        << "the state has its own types";
    EXPECT_TRUE(same_bits(metric->result(), exact->result().to(*dtype_from_name(dtype))));
  }
  for (const auto& variable : exact->state().variables()) {
    EXPECT_THAT(variable.value.scalar_type(), AnyOf(at::kDouble, at::kLong)) << variable.name;
    EXPECT_FALSE(variable.name.empty());
  }
}

TEST_P(MetricContract, StatelessCallsDoNotTouchTheObject) {
  for (const auto& stream : all_streams(4)) {
    ASSAY_TRACE(stream.name);
    const auto half = stream.size() / 2;
    const auto first = stream.rows(0, half);
    const auto second = stream.rows(half, stream.size());
    const auto reference = make(stream.config);
    update(*reference, first);
    const auto after_first = copies(reference->variables());
    update(*reference, second);

    const auto metric = make(stream.config);
    const auto start = metric->stateless_reset_state();
    EXPECT_TRUE(same_bits(start, metric->variables()));
    const auto one =
        metric->stateless_update_state(start, first.y_true, first.y_pred, first.sample_weight);
    EXPECT_TRUE(same_bits(one, after_first));
    const auto two =
        metric->stateless_update_state(one, second.y_true, second.y_pred, second.sample_weight);
    EXPECT_TRUE(same_bits(one, after_first)) << "the given state stays as it was";
    EXPECT_TRUE(same_bits(two, reference->variables()));
    EXPECT_TRUE(same_bits(metric->stateless_result(two), reference->result()));
    EXPECT_TRUE(same_bits(metric->variables(), start)) << "the object saw nothing";

    // Nor where it has a state of its own.
    update(*metric, second);
    const auto own = copies(metric->variables());
    metric->stateless_update_state(one, second.y_true, second.y_pred, second.sample_weight);
    metric->stateless_result(two);
    for (const auto& value : metric->stateless_reset_state()) value.fill_(3);
    EXPECT_TRUE(same_bits(metric->variables(), own));
  }
}

TEST_P(MetricContract, StateTakenMidStreamGivesTheSameEnd) {
  for (const auto& stream : all_streams(4)) {
    ASSAY_TRACE(stream.name);
    const auto half = stream.size() / 2;
    const auto whole = make(stream.config);
    update(*whole, stream.rows(0, half));
    const auto snapshot = whole->state().snapshot();
    const auto resumed = make(stream.config);
    resumed->set_state(snapshot);
    EXPECT_TRUE(same_bits(resumed->result(), whole->result()));
    update(*resumed, stream.rows(half, stream.size()));
    update(*whole, stream.rows(half, stream.size()));
    EXPECT_TRUE(same_bits(resumed->variables(), whole->variables()));
    EXPECT_TRUE(same_bits(resumed->result(), whole->result()));

    // A state that does not fit is refused and changes nothing.
    const auto before = copies(resumed->variables());
    auto wrong = snapshot;
    wrong.pop_back();
    EXPECT_FALSE(value_error([&] { resumed->set_state(wrong); }).empty());
    wrong = snapshot;
    wrong.back() = wrong.back().to(at::kFloat);
    EXPECT_FALSE(value_error([&] { resumed->set_state(wrong); }).empty());
    wrong = snapshot;
    wrong.back() = at::zeros({3, 1, 4, 1}, wrong.back().options());
    EXPECT_FALSE(value_error([&] { resumed->set_state(wrong); }).empty());
    wrong.back() = at::Tensor();
    EXPECT_FALSE(value_error([&] { resumed->set_state(wrong); }).empty());
    EXPECT_TRUE(same_bits(resumed->variables(), before));
    // A state that was given is copied.
    resumed->set_state(snapshot);
    for (const auto& value : snapshot) value.fill_(9);
    EXPECT_TRUE(same_bits(resumed->result(), [&] {
      const auto again = make(stream.config);
      update(*again, stream.rows(0, half));
      return again->result();
    }()));
  }
}

TEST_P(MetricContract, ArchivesBringTheStateBack) {
  for (const auto& stream : all_streams(4)) {
    ASSAY_TRACE(stream.name);
    const auto half = stream.size() / 2;
    const auto metric = make(stream.config);
    update(*metric, stream.rows(0, half));
    std::stringstream file;
    torch::save(*metric, file);
    const auto text = file.str();

    const auto loaded = make(with(stream.config, "name", "another"));
    std::istringstream again(text);
    torch::load(*loaded, again);
    EXPECT_TRUE(same_bits(loaded->variables(), metric->variables()));
    update(*metric, stream.rows(half, stream.size()));
    update(*loaded, stream.rows(half, stream.size()));
    EXPECT_TRUE(same_bits(loaded->result(), metric->result()));

    // Into another class or configuration it does not go.
    const auto foreign = get(GetParam() == "Sum" ? "Mean" : "Sum");
    const auto other = make(with(stream.config, "dtype", "float64"));
    for (const auto& refused : {foreign, other}) {
      const auto before = copies(refused->variables());
      std::istringstream wrong(text);
      EXPECT_THAT(value_error([&] { torch::load(*refused, wrong); }),
                  AllOf(HasSubstr(GetParam()), HasSubstr(refused->class_name())));
      EXPECT_TRUE(same_bits(refused->variables(), before));
    }
  }
}

TEST_P(MetricContract, VariablesOfOnesOwnAreKeptWithTheOthers) {
  const auto stream = all_streams().at(0);
  const auto metric = make(stream.config);
  update(*metric, stream.whole);
  const auto count = metric->variables().size();
  const auto result = metric->result();
  const auto mine = metric->add_variable({2}, "ones", at::kFloat, "mine");
  ASSERT_EQ(metric->variables().size(), count + 1);
  EXPECT_EQ(metric->state().variables().back().name, "mine");
  mine.fill_(5);
  EXPECT_TRUE(metric->variables().back().eq(5).all().item<bool>()) << "it is the state, no copy";
  EXPECT_TRUE(same_bits(metric->result(), result));

  const auto other = make(stream.config);
  update(*other, stream.whole);
  other->add_variable({2}, "ones", at::kFloat, "mine");
  metric->merge_state({other.get()});
  EXPECT_TRUE(metric->variables().back().eq(6).all().item<bool>());

  const auto state = copies(metric->variables());
  const auto updated = metric->stateless_update_state(
      state, stream.whole.y_true, stream.whole.y_pred, stream.whole.sample_weight);
  EXPECT_EQ(updated.size(), count + 1);
  EXPECT_TRUE(same_bits(updated.back(), state.back()));

  metric->reset_state();
  EXPECT_TRUE(metric->variables().back().eq(1).all().item<bool>());
  EXPECT_THAT(value_error([&] { metric->add_variable({}, "zeros", at::kFloat, "mine"); }),
              HasSubstr("mine"));
  EXPECT_THAT(value_error([&] { metric->add_variable({}, "random", at::kFloat, "other"); }),
              AllOf(HasSubstr("initializer"), HasSubstr("random")));
  EXPECT_EQ(metric->variables().size(), count + 1);
}

// A billion updates do not stop a metric counting: from a state that large each update still adds
// what it adds to an empty one, bit for bit where that is whole numbers, and else to the rounding
// of float64 there.
TEST_P(MetricContract, CountsGoOnAtTheEdgeOfTheirType) {
  if (!sees_rows_alone(GetParam())) GTEST_SKIP() << "it holds the variables of other metrics";
  for (const auto& stream : all_streams()) {
    ASSAY_TRACE(stream.name);
    const bool exact = is_exact(stream, GetParam());
    const auto once = make(stream.config);
    update(*once, stream.whole);
    const auto& variables = once->state().variables();
    for (const double edge : {0x1p24, 0x1p31, 0x1p53 - 0x1p20}) {
      if (edge > 0x1p31 && !exact) continue;
      Tensors start;
      Tensors expected;
      for (const auto& variable : variables) {
        const bool sums = variable.merge == Merge::kSum;
        start.push_back(sums ? at::full_like(variable.value, edge) : variable.value.clone());
        expected.push_back(sums ? start.back() + variable.value : variable.value.clone());
      }
      const auto metric = make(stream.config);
      metric->set_state(start);
      update(*metric, stream.whole);
      if (exact) {
        EXPECT_TRUE(same_bits(metric->variables(), expected)) << edge;
        continue;
      }
      for (std::size_t i = 0; i < expected.size(); ++i) {
        EXPECT_TRUE(near(metric->variables()[i], expected[i], 0x1p-52, 0)) << edge;
      }
    }
  }
}

TEST_P(MetricContract, VariablesOfOnesOwnMayComeBeforeTheFirstUpdate) {
  for (const auto& stream : all_streams(4)) {
    ASSAY_TRACE(stream.name);
    const auto first = stream.rows(0, 2);
    const auto second = stream.rows(2, stream.size());
    const auto plain = make(stream.config);
    update(*plain, first);
    update(*plain, second);

    const auto with_mine = [&] {
      auto metric = make(stream.config);
      metric->add_variable({2}, "ones", at::kFloat, "mine");
      return metric;
    };
    const auto metric = with_mine();
    // What makes its state from data has none yet; one's own is there.
    auto state = metric->stateless_reset_state();
    EXPECT_TRUE(state.back().eq(1).all().item<bool>());
    state = metric->stateless_update_state(state, first.y_true, first.y_pred, first.sample_weight);
    state.back().fill_(7);
    state =
        metric->stateless_update_state(state, second.y_true, second.y_pred, second.sample_weight);
    EXPECT_TRUE(state.back().eq(7).all().item<bool>());
    EXPECT_TRUE(same_bits(metric->stateless_result(state), plain->result()));
    state.pop_back();
    EXPECT_TRUE(same_bits(state, plain->variables()));

    update(*metric, first);
    EXPECT_EQ(metric->state().variables().back().name, "mine");
    // A metric that has seen nothing merges its own variables all the same.
    const auto late = with_mine();
    late->merge_state({metric.get(), with_mine().get()});
    EXPECT_TRUE(late->variables().back().eq(3).all().item<bool>());
    metric->merge_state({with_mine().get()});
    EXPECT_TRUE(metric->variables().back().eq(2).all().item<bool>());
    update(*metric, second);
    update(*late, second);
    EXPECT_TRUE(same_bits(metric->result(), plain->result()));
    EXPECT_TRUE(same_bits(late->result(), plain->result()));

    // A state with another number of them, or another name to merge with, is refused.
    const auto untouched = with_mine();
    EXPECT_FALSE(value_error([&] { untouched->set_state(plain->variables()); }).empty());
    EXPECT_FALSE(value_error([&] { untouched->merge_state({plain.get()}); }).empty());
    const auto other = make(stream.config);
    other->add_variable({2}, "ones", at::kFloat, "theirs");
    EXPECT_FALSE(value_error([&] { untouched->merge_state({metric.get(), other.get()}); }).empty());
    EXPECT_TRUE(same_bits(untouched->variables(), with_mine()->variables()));
    untouched->set_state(metric->variables());
    EXPECT_TRUE(same_bits(untouched->variables(), metric->variables()));
  }
}

// ---- updates -----------------------------------------------------------------------------------

TEST_P(MetricContract, InputsStayAsTheyWere) {
  for (const auto& golden : golden_cases("metrics", GetParam())) {
    ASSAY_TRACE(golden.name);
    const auto metric = make(golden.config);
    for (const auto& call : golden.calls) {
      const Tensors inputs = {call.y_true, call.y_pred, call.sample_weight};
      const auto before = copies(inputs);
      update(*metric, call);
      EXPECT_TRUE(same_bits(inputs, before));
    }
  }
}

TEST_P(MetricContract, GradientsAreNotRecorded) {
  for (const auto& stream : all_streams()) {
    ASSAY_TRACE(stream.name);
    const auto metric = make(stream.config);
    auto call = stream.whole;
    for (auto* tensor : {&call.y_true, &call.y_pred, &call.sample_weight}) {
      if (tensor->defined() && at::isFloatingType(tensor->scalar_type())) {
        *tensor = tensor->detach().clone().requires_grad_();
      }
    }
    update(*metric, call);
    for (const auto& variable : metric->variables()) EXPECT_FALSE(variable.requires_grad());
    EXPECT_FALSE(metric->result().requires_grad());
    const auto plain = make(stream.config);
    update(*plain, stream.whole);
    EXPECT_TRUE(same_bits(metric->result(), plain->result()));
  }
}

TEST_P(MetricContract, FailedUpdatesLeaveTheStateBitForBit) {
  for (const auto& stream : all_streams()) {
    ASSAY_TRACE(stream.name);
    const auto metric = make(stream.config);
    update(*metric, stream.whole);
    const auto before = copies(metric->variables());
    const auto result = metric->result();
    const auto& y_true = stream.whole.y_true;
    const auto& y_pred = stream.whole.y_pred;
    const auto& sample_weight = stream.whole.sample_weight;
    const auto refused = [&](const at::Tensor& t, const at::Tensor& p, const at::Tensor& w) {
      const auto message = value_error([&] { metric->update_state(t, p, w); });
      EXPECT_TRUE(same_bits(metric->variables(), before)) << message;
      return message;
    };
    const auto batch = stream.size();
    EXPECT_THAT(refused({}, y_pred, {}), HasSubstr("y_true"));
    EXPECT_THAT(refused(y_true, y_pred, at::ones({batch + 7})),
                AllOf(HasSubstr("sample_weight"), HasSubstr(describe({batch + 7}))));
    EXPECT_THAT(refused(y_true, y_pred, at::ones({batch, 11, 13, 17, 19, 23})),
                HasSubstr("sample_weight"));
    EXPECT_FALSE(refused(y_true, y_pred, at::ones({}, at::kComplexFloat)).empty());
    EXPECT_FALSE(refused(y_true.to(at::kComplexFloat), y_pred, {}).empty());
    if (takes_predictions(GetParam())) {
      EXPECT_THAT(refused(y_true, {}, {}), HasSubstr("y_pred"));
      const auto longer = at::cat({y_pred, y_pred}, 0);
      EXPECT_THAT(refused(y_true, longer, {}),
                  AllOf(HasSubstr("y_true"), HasSubstr("y_pred"),
                        HasSubstr(describe(y_true.sizes())), HasSubstr(describe(longer.sizes()))));
      EXPECT_FALSE(refused(at::cat({y_true, y_true}, 0), y_pred, sample_weight).empty());
    }
    EXPECT_TRUE(same_bits(metric->result(), result));
    // And it goes on.
    update(*metric, stream.whole);
  }
}

TEST_P(MetricContract, PreparedUpdatesChangeNothingUntilTheyAreAdded) {
  for (const auto& stream : all_streams()) {
    ASSAY_TRACE(stream.name);
    const auto metric = make(stream.config);
    const auto reference = make(stream.config);
    for (std::int64_t row = 0; row < stream.size(); ++row) {
      const auto call = stream.rows(row, row + 1);
      const auto before = copies(metric->variables());
      const auto add = metric->prepare_update(call.y_true, call.y_pred, call.sample_weight);
      EXPECT_TRUE(same_bits(metric->variables(), before));
      if (add) {
        add();
      } else {
        update(*metric, call);
      }
      update(*reference, call);
      EXPECT_TRUE(same_bits(metric->variables(), reference->variables()));
    }
  }
}

TEST_P(MetricContract, LabelsThatNameNoClassAreErrorsThatChangeNothing) {
  static const std::set<std::string> with_class_labels = {
      "SparseCategoricalAccuracy", "SparseCategoricalCrossentropy", "SparseTopKCategoricalAccuracy",
      "Perplexity"};
  if (!with_class_labels.contains(GetParam())) GTEST_SKIP() << "labels are no indices of classes";
  const auto metric = make(Json::object());
  const auto y_pred = at::full({2, 6}, 1.0 / 6);
  metric->update_state(torch::tensor({0, 5}, at::kLong), y_pred);
  const auto before = copies(metric->variables());
  for (const std::int64_t bad : {-1L, 6L, -100L, 1L << 40}) {
    EXPECT_THAT(value_error([&] {
                  metric->update_state(torch::tensor({0L, bad}, at::kLong), y_pred);
                }),
                AllOf(HasSubstr("y_true"), HasSubstr(std::to_string(bad)), HasSubstr("[0, 6)")));
  }
  EXPECT_THAT(value_error([&] {
                metric->update_state(torch::tensor({0.f, 2.5f}), y_pred);
              }),
              AllOf(HasSubstr("y_true"), HasSubstr("integers")));
  EXPECT_TRUE(same_bits(metric->variables(), before));
}

TEST_P(MetricContract, EmptyUpdatesChangeNothing) {
  if (GetParam() == "SlidingWindow") GTEST_SKIP() << "an empty update is one of the window's";
  for (const auto& stream : all_streams()) {
    ASSAY_TRACE(stream.name);
    const auto metric = make(stream.config);
    update(*metric, stream.whole);
    const auto before = copies(metric->variables());
    const auto result = metric->result();
    update(*metric, stream.rows(0, 0));
    EXPECT_TRUE(same_bits(metric->variables(), before));
    EXPECT_TRUE(same_bits(metric->result(), result));
    // As the first update too.
    const auto late = make(stream.config);
    update(*late, stream.rows(0, 0));
    update(*late, stream.whole);
    EXPECT_TRUE(same_bits(late->variables(), before));
  }
}

TEST_P(MetricContract, WeightsOfZeroCountNothing) {
  for (const auto& stream : all_streams()) {
    ASSAY_TRACE(stream.name);
    const auto& y_true = stream.whole.y_true;
    const auto& y_pred = stream.whole.y_pred;
    const auto metric = make(stream.config);
    metric->update_state(y_true, y_pred, at::zeros({stream.size()}));
    for (const auto& variable : metric->state().variables()) {
      // Entries seen, R2Score's number for its adjustment, are not weighed.
      if (GetParam() == "R2Score" && variable.name == "num_samples") continue;
      if (GetParam() == "BootstrapInterval" && variable.name == "samples") continue;
      EXPECT_TRUE(variable.value.eq(variable.initial).all().item<bool>())
          << variable.name << " is " << testing::text(variable.value);
    }
    EXPECT_TRUE(metric->result().isfinite().all().item<bool>());
    // Rows of weight 0 among others are as if they were not there.
    const auto some = make(stream.config);
    const auto weight = at::arange(stream.size()).remainder(2).to(at::kFloat) * 2;
    some->update_state(y_true, y_pred, weight);
    const auto odd = make(stream.config);
    std::vector<std::int64_t> chosen;
    for (std::int64_t row = 1; row < stream.size(); row += 2) chosen.push_back(row);
    const auto rows = stream.rows(chosen);
    odd->update_state(rows.y_true, rows.y_pred, at::full({rows.y_true.size(0)}, 2.0f));
    if (GetParam() == "R2Score") continue;  // num_samples, again
    if (!sees_rows_alone(GetParam())) continue;
    EXPECT_TRUE(near(some->result(), odd->result(), 1e-6, 1e-7));
  }
}

TEST_P(MetricContract, IgnoredRowsLeaveTheMetric) {
  if (!has_field(GetParam(), "ignore_class")) GTEST_SKIP() << "it ignores no class";
  int tried = 0;
  for (const auto& stream : all_streams(6)) {
    const auto ignored = stream.config.value("ignore_class", Json());
    auto labels = stream.whole.y_true;
    if (labels.dim() == 2 && labels.size(1) > 1) labels = labels.argmax(-1);  // one-hot
    if (labels.dim() == 2) labels = labels.squeeze(-1);
    if (ignored.is_null() || labels.dim() != 1) continue;
    ASSAY_TRACE(stream.name);
    ++tried;
    std::vector<std::int64_t> chosen;
    for (std::int64_t row = 0; row < stream.size(); ++row) {
      if (labels[row].item<double>() != ignored.get<double>()) chosen.push_back(row);
    }
    const auto all = make(stream.config);
    const auto kept = make(stream.config);
    update(*all, stream.whole);
    update(*kept, stream.rows(chosen));
    EXPECT_TRUE(near(all->result(), kept->result(), 1e-6, 1e-7));
    // Whatever the prediction there.
    auto call = stream.whole;
    if (!at::isFloatingType(call.y_pred.scalar_type())) continue;
    auto rows = labels.eq(ignored.get<double>());
    while (rows.dim() < call.y_pred.dim()) rows = rows.unsqueeze(-1);
    call.y_pred = call.y_pred.masked_fill(rows, std::nan(""));
    const auto with_nan = make(stream.config);
    update(*with_nan, call);
    EXPECT_TRUE(same_bits(with_nan->result(), all->result()));
  }
  EXPECT_GT(tried, 0);
}

TEST_P(MetricContract, WeightsOfEveryShapeThatBroadcastAreTheFullOne) {
  for (const auto& stream : all_streams(4)) {
    ASSAY_TRACE(stream.name);
    auto call = stream.whole;
    const auto result_with = [&](const at::Tensor& weight) {
      const auto metric = make(stream.config);
      metric->update_state(call.y_true, call.y_pred, weight);
      return metric->result();
    };
    const auto rows = stream.size();
    const auto by_row = at::arange(rows, at::kFloat).remainder(3) / 2;
    const auto reference = result_with(by_row);
    for (const auto dtype : {at::kDouble, at::kHalf, at::kBFloat16}) {
      EXPECT_TRUE(same_bits(result_with(by_row.to(dtype)), reference)) << dtype;
    }
    EXPECT_TRUE(near(result_with(at::full({}, 2.0)), result_with(at::full({rows}, 2.0)), 1e-6));
    EXPECT_TRUE(near(result_with(at::full({1}, 2)), result_with(at::full({rows}, 2.0)), 1e-6));
    EXPECT_TRUE(near(result_with(by_row.gt(0)), result_with(by_row.gt(0).to(at::kFloat)), 1e-6));
  }
}

TEST_P(MetricContract, NaNPredictionsAndInfiniteWeightsHaveOneResult) {
  for (const auto& stream : all_streams()) {
    ASSAY_TRACE(stream.name);
    const auto& y_true = stream.whole.y_true;
    const auto& y_pred = stream.whole.y_pred;
    const auto& sample_weight = stream.whole.sample_weight;
    const auto& values = takes_predictions(GetParam()) ? y_pred : y_true;
    const auto weights = at::full({stream.size()}, INFINITY);
    for (const double held : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
      if (!at::isFloatingType(values.scalar_type())) continue;
      const auto strange = at::full_like(values, held);
      const auto& t = takes_predictions(GetParam()) ? y_true : strange;
      const auto& p = takes_predictions(GetParam()) ? strange : y_pred;
      const auto first = make(stream.config);
      const auto second = make(stream.config);
      first->update_state(t, p, sample_weight);
      second->update_state(t, p, sample_weight);
      EXPECT_EQ(first->result().sizes(), second->result().sizes());
      EXPECT_TRUE(near(first->result(), second->result(), 0, 0)) << held;
      // A reset takes it all back.
      first->reset_state();
      update(*first, stream.whole);
      const auto clean = make(stream.config);
      update(*clean, stream.whole);
      EXPECT_TRUE(same_bits(first->variables(), clean->variables()));
    }
    const auto first = make(stream.config);
    const auto second = make(stream.config);
    first->update_state(y_true, y_pred, weights);
    second->update_state(y_true, y_pred, weights);
    EXPECT_TRUE(near(first->result(), second->result(), 0, 0));
  }
}

// ---- devices -----------------------------------------------------------------------------------

// That updates never wait for the device is shown in devices_test.cpp.

at::Tensor on_meta(const at::Tensor& tensor) {
  return tensor.defined() ? tensor.to(at::kMeta) : tensor;
}

TEST_P(MetricContract, TensorsOfTwoDevicesAreErrors) {
  const auto stream = all_streams().at(0);
  const auto& y_true = stream.whole.y_true;
  const auto& y_pred = stream.whole.y_pred;
  const auto metric = make(stream.config);
  if (takes_predictions(GetParam())) {
    EXPECT_THAT(value_error([&] { metric->update_state(on_meta(y_true), y_pred); }),
                AllOf(HasSubstr("y_true"), HasSubstr("meta"), HasSubstr("cpu")));
  }
  EXPECT_THAT(value_error([&] {
                metric->update_state(y_true, y_pred, on_meta(at::ones({stream.size()})));
              }),
              AllOf(HasSubstr("sample_weight"), HasSubstr("meta"), HasSubstr("cpu")));
}

INSTANTIATE_TEST_SUITE_P(Every, MetricContract, ::testing::ValuesIn(registry().names()),
                         [](const auto& info) { return info.param; });

// ---- names -------------------------------------------------------------------------------------

TEST(MetricNames, KerasAliasesNameTheSameClasses) {
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
      {"logcosh", "LogCoshError"},
      {"cosine_similarity", "CosineSimilarity"},
      {"accuracy", "Accuracy"},
      {"binary_accuracy", "BinaryAccuracy"},
      {"categorical_accuracy", "CategoricalAccuracy"},
      {"sparse_categorical_accuracy", "SparseCategoricalAccuracy"},
      {"top_k_categorical_accuracy", "TopKCategoricalAccuracy"},
      {"sparse_top_k_categorical_accuracy", "SparseTopKCategoricalAccuracy"},
      {"auc", "AUC"},
      {"AUC", "AUC"},
      {"mean_io_u", "MeanIoU"},
      {"root_mean_squared_error", "RootMeanSquaredError"},
      {"r2_score", "R2Score"},
      {"f1_score", "F1Score"},
      {"precision", "Precision"},
      {"recall", "Recall"},
  };
  for (const auto& [alias, class_name] : aliases) {
    ASSAY_TRACE(alias);
    ASSERT_TRUE(registry().contains(alias));
    EXPECT_EQ(registry().entry(alias).class_name, class_name);
  }
}

// ---- numbers that float32 counters lose --------------------------------------------------------

TEST(MetricCounters, GoOnBeyond24Bits) {
  const auto accuracy = from_config("Accuracy", {{"dtype", "float64"}});
  const double many = 0x1p31;
  accuracy->set_state({at::full({}, many, at::kDouble), at::full({}, many, at::kDouble)});
  for (int update = 0; update < 3; ++update) {
    accuracy->update_state(at::ones({1, 1}), at::zeros({1, 1}));
  }
  EXPECT_EQ(accuracy->result().item<double>(), many / (many + 3));
}

}  // namespace
}  // namespace assay::metrics
