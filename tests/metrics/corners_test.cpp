// SPDX-License-Identifier: Apache-2.0
// What every metric makes of nothing, one sample, one class, ignored rows, NaN, infinite and zero
// weights: docs/metrics.md says it in a table, and this holds every metric to its line there.
#include <assay/core/options/config.h>
#include <assay/metrics/registry.h>
#include <assay/tests/testing/accelerator.h>
#include <assay/tests/testing/check.h>
#include <assay/tests/testing/golden.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

namespace assay::metrics {
namespace {

using assay::testing::Call;
using assay::testing::near;
using assay::testing::on_accelerator;

// ---- the two rows that the page names ----------------------------------------------------------

enum class Kind { kValues, kNumbers, kSigns, kScores, kClasses, kOneHot, kIds };

const double kNaN = std::nan("");

at::Tensor rows(std::initializer_list<at::Tensor> rows) { return at::stack(rows); }

// The first row is predicted well, the second badly; or both have the first's label.
Call two_rows(Kind kind, bool one_class = false) {
  switch (kind) {
    case Kind::kValues:
      return {at::tensor({1.f, 3.f}), {}, {}};
    case Kind::kNumbers:
      return {one_class ? rows({at::tensor({1.f, 1.f, 1.f}), at::tensor({1.f, 1.f, 1.f})})
                        : rows({at::tensor({1.f, 2.f, 4.f}), at::tensor({2.f, 1.f, 1.f})}),
              rows({at::tensor({1.f, 2.f, 4.f}), at::tensor({1.f, 2.f, 3.f})}),
              {}};
    case Kind::kSigns:
      return {at::tensor({1.f, one_class ? 1.f : -1.f}).unsqueeze(1),
              at::tensor({0.75f, 0.5f}).unsqueeze(1),
              {}};
    case Kind::kScores:
      return {at::tensor({1, one_class ? 1 : 0}).unsqueeze(1),
              at::tensor({0.9f, 0.8f}).unsqueeze(1),
              {}};
    case Kind::kClasses:
    case Kind::kOneHot: {
      auto labels = at::tensor({0, one_class ? 0 : 1}, at::kLong);
      if (kind == Kind::kOneHot) labels = at::one_hot(labels, 2);
      return {labels, rows({at::tensor({0.8f, 0.2f}), at::tensor({0.6f, 0.4f})}), {}};
    }
    case Kind::kIds:
      return {at::tensor({0, one_class ? 0 : 1}), at::tensor({0.f, 0.f}), {}};
  }
  TORCH_INTERNAL_ASSERT(false, "unknown kind");
}

struct Setup {
  Kind kind = Kind::kNumbers;
  Json config = Json::object();
};

// Metrics of numbers are not listed.
Setup setup_of(const std::string& name) {
  const Json two{{"num_classes", 2}};
  const auto around = [](const char* metric, const char* key, int value) {
    return Json{{"metric", metric}, {key, value}};
  };
  static const std::map<std::string, Setup> setups = {
      {"AUC", {Kind::kScores, {{"num_thresholds", 11}}}},
      {"Accuracy", {Kind::kIds}},
      {"AveragePrecision", {Kind::kScores, {{"num_thresholds", 11}}}},
      {"BalancedAccuracy", {Kind::kClasses, two}},
      {"BinaryAccuracy", {Kind::kScores}},
      {"BinaryCrossentropy", {Kind::kScores}},
      {"BinaryIoU", {Kind::kScores}},
      {"BootstrapInterval", {Kind::kIds, around("accuracy", "resamples", 8)}},
      {"BrierScore", {Kind::kScores}},
      {"CategoricalAccuracy", {Kind::kOneHot}},
      {"CategoricalCrossentropy", {Kind::kOneHot}},
      {"CategoricalHinge", {Kind::kOneHot}},
      {"CohenKappa", {Kind::kClasses, two}},
      {"ConfusionMatrix", {Kind::kClasses, two}},
      {"ExpectedCalibrationError", {Kind::kClasses}},
      {"F1Score", {Kind::kOneHot}},
      {"FBetaScore", {Kind::kOneHot, {{"beta", 2.0}}}},
      {"FalseNegatives", {Kind::kScores}},
      {"FalsePositives", {Kind::kScores}},
      {"Hinge", {Kind::kSigns}},
      {"IoU", {Kind::kIds, {{"num_classes", 2}, {"target_class_ids", {0}}}}},
      {"KLDivergence", {Kind::kOneHot}},
      {"MatthewsCorrelation", {Kind::kClasses, two}},
      {"Mean", {Kind::kValues}},
      {"MeanIoU", {Kind::kIds, two}},
      {"MeanMetricWrapper", {Kind::kNumbers, {{"fn", "mean_squared_error"}}}},
      {"OneHotIoU", {Kind::kOneHot, {{"num_classes", 2}, {"target_class_ids", {0}}}}},
      {"OneHotMeanIoU", {Kind::kOneHot, two}},
      {"PerClass", {Kind::kClasses, around("recall", "num_classes", 2)}},
      {"Perplexity", {Kind::kClasses}},
      {"Precision", {Kind::kScores}},
      {"PrecisionAtRecall", {Kind::kScores, {{"recall", 0.5}}}},
      {"PrecisionRecallCurve", {Kind::kScores, {{"thresholds", {0.85}}}}},
      {"ROCCurve", {Kind::kScores, {{"thresholds", {0.85}}}}},
      {"Recall", {Kind::kScores}},
      {"RecallAtPrecision", {Kind::kScores, {{"precision", 0.5}}}},
      {"SensitivityAtSpecificity", {Kind::kScores, {{"specificity", 0.5}}}},
      {"SlidingWindow", {Kind::kIds, around("accuracy", "window", 2)}},
      {"SparseCategoricalAccuracy", {Kind::kClasses}},
      {"SparseCategoricalCrossentropy", {Kind::kClasses}},
      {"SparseTopKCategoricalAccuracy", {Kind::kClasses, {{"k", 1}}}},
      {"SpecificityAtSensitivity", {Kind::kScores, {{"sensitivity", 0.5}}}},
      {"SquaredHinge", {Kind::kSigns}},
      {"Sum", {Kind::kValues}},
      {"TopKCategoricalAccuracy", {Kind::kOneHot, {{"k", 1}}}},
      {"TrueNegatives", {Kind::kScores}},
      {"TruePositives", {Kind::kScores}}};
  const auto found = setups.find(name);
  return found == setups.end() ? Setup{} : found->second;
}

Call first_row(const Call& call) {
  const auto first = [](const at::Tensor& all) { return all.defined() ? all.slice(0, 0, 1) : all; };
  return {first(call.y_true), first(call.y_pred), {}};
}

Call no_row(const Call& call) {
  const auto none = [](const at::Tensor& all) { return all.defined() ? all.slice(0, 0, 0) : all; };
  return {none(call.y_true), none(call.y_pred), {}};
}

// ---- the columns of the page -------------------------------------------------------------------

struct Corner {
  std::string column;
  std::function<std::optional<Call>(Setup& setup)> call;  // nothing where a metric lacks it
};

const std::vector<Corner>& corners() {
  static const std::vector<Corner> list = {
      {"empty", [](Setup& setup) { return no_row(two_rows(setup.kind)); }},
      {"one sample", [](Setup& setup) { return first_row(two_rows(setup.kind)); }},
      {"one class",
       [](Setup& setup) -> std::optional<Call> {
         if (setup.kind == Kind::kValues) return std::nullopt;
         return two_rows(setup.kind, /*one_class=*/true);
       }},
      {"all ignored",
       [](Setup& setup) -> std::optional<Call> {
         auto call = two_rows(setup.kind);
         const bool one_hot = setup.kind == Kind::kOneHot;
         if (one_hot) call = two_rows(setup.kind, /*one_class=*/true);
         setup.config["ignore_class"] = one_hot ? 0 : -1;
         if (!one_hot) call.y_true.fill_(-1);
         return call;
       }},
      {"NaN prediction",
       [](Setup& setup) {
         auto call = two_rows(setup.kind);
         (setup.kind == Kind::kValues ? call.y_true : call.y_pred)[1].fill_(kNaN);
         return call;
       }},
      {"infinite weight",
       [](Setup& setup) {
         auto call = two_rows(setup.kind);
         call.sample_weight = at::tensor({HUGE_VALF, 1.f});
         return call;
       }},
      {"zero weights", [](Setup& setup) {
         auto call = two_rows(setup.kind);
         call.sample_weight = at::zeros({2});
         return call;
       }}};
  return list;
}

bool has_field(const std::string& name, const std::string& key) {
  const auto entry = registry().entry(name);
  return std::any_of(entry.fields->list().begin(), entry.fields->list().end(),
                     [&](const auto& field) { return field->name == key; });
}

// ---- the page ----------------------------------------------------------------------------------

using Row = std::vector<std::string>;

Row cells(const std::string& line) {
  Row cells;
  std::istringstream in(line.substr(1));
  for (std::string cell; std::getline(in, cell, '|');) {
    cells.push_back(std::regex_replace(cell, std::regex("^ +| +$"), ""));
  }
  return cells;
}

// The table whose first column is `metric`: its header, then its lines by metric.
std::map<std::string, Row> page() {
  std::ifstream file(std::string(ASSAY_SOURCE_DIR) + "/docs/metrics.md");
  std::map<std::string, Row> lines;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("|")) {
      inside = false;
      continue;
    }
    auto row = cells(line);
    inside = inside || row[0] == "metric";
    if (inside && !row[0].starts_with("---"))
      lines.emplace(row[0], Row(row.begin() + 1, row.end()));
  }
  return lines;
}

at::Tensor number(const Json& json) {
  if (json.is_array()) {
    std::vector<at::Tensor> entries;
    for (const auto& entry : json) entries.push_back(number(entry));
    return at::stack(entries);
  }
  if (json.is_string()) {
    return at::full({}, json == "NaN" ? kNaN : HUGE_VAL, at::kDouble);
  }
  return at::full({}, json.get<double>(), at::kDouble);
}

at::Tensor parsed(const std::string& cell) {
  return number(Json::parse(std::regex_replace(cell, std::regex("NaN|inf"), "\"$&\"")));
}

std::string written(const at::Tensor& tensor) {
  if (tensor.dim() > 0) {
    std::string text;
    for (const auto& entry : tensor.unbind()) text += (text.empty() ? "" : ", ") + written(entry);
    return "[" + text + "]";
  }
  const double value = tensor.item<double>();
  if (std::isnan(value)) return "NaN";
  std::ostringstream out;
  out.precision(4);
  out << value;
  return out.str();
}

// A curve's last row is its thresholds.
at::Tensor shown(const std::string& name, const at::Tensor& result) {
  return name.ends_with("Curve") ? result.slice(0, 0, -1) : result;
}

// What the metric makes of the call, as the page has it.
std::string outcome(const std::string& name, const Setup& setup, const Call& call) {
  const auto metric = from_config(name, setup.config);
  try {
    metric->update_state(call.y_true, call.y_pred, call.sample_weight);
    return written(shown(name, metric->result()).cpu());
  } catch (const c10::ValueError&) {
    return "error";
  }
}

class MetricCorners : public ::testing::TestWithParam<std::string> {};

TEST_P(MetricCorners, AreThoseOfThePage) {
  static const auto lines = page();
  ASSERT_TRUE(lines.contains("metric")) << "docs/metrics.md has no table of metrics";
  const auto& columns = lines.at("metric");
  ASSERT_EQ(columns.size(), corners().size());
  const auto line = lines.find(GetParam());
  EXPECT_NE(line, lines.end()) << GetParam() << " has no line in docs/metrics.md";

  std::string actual_line = "| " + GetParam();
  for (std::size_t i = 0; i < corners().size(); ++i) {
    const auto& corner = corners()[i];
    ASSAY_TRACE(corner.column);
    EXPECT_EQ(columns[i], corner.column);
    auto setup = setup_of(GetParam());
    auto call = corner.call(setup);
    if (setup.config.contains("ignore_class") && !has_field(GetParam(), "ignore_class")) call = {};
    const auto actual = call ? outcome(GetParam(), setup, *call) : "–";
    actual_line += " | " + actual;
    if (!call) continue;
    // The same on every device.
    const Call elsewhere = {on_accelerator(call->y_true), on_accelerator(call->y_pred),
                            on_accelerator(call->sample_weight)};
    EXPECT_EQ(outcome(GetParam(), setup, elsewhere), actual) << "away from the CPU";
    if (line == lines.end()) continue;
    const auto& expected = line->second.at(i);
    if (expected == "error" || actual == "error") {
      EXPECT_EQ(actual, expected);
    } else {
      EXPECT_TRUE(near(parsed(actual), parsed(expected), 2e-3, 1e-6)) << actual;
    }
  }
  if (HasFailure()) std::cout << actual_line << " |\n";
}

INSTANTIATE_TEST_SUITE_P(Every, MetricCorners, ::testing::ValuesIn(registry().names()),
                         [](const auto& info) { return info.param; });

TEST(MetricCornersPage, HasNoLineOfAMetricThatIsNotThere) {
  for (const auto& [name, line] : page()) {
    if (name != "metric") {
      EXPECT_TRUE(registry().contains(name)) << name;
    }
  }
}

}  // namespace
}  // namespace assay::metrics
