// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/training/report/prediction_form.h>

#include <nlohmann/json.hpp>

namespace assay::training::report {
namespace {

std::optional<std::int64_t> integer(const Json& config, const char* name) {
  const auto found = config.find(name);
  if (found == config.end() || !found->is_number_integer()) return std::nullopt;
  return found->get<std::int64_t>();
}

// Whether an option of a loss or a metric, which may be anybody's, has this value.
bool is(const Json& part, const char* option, bool value) {
  return part.is_object() && part["config"].contains(option) && part["config"][option] == value;
}

std::vector<std::int64_t> sizes_above_one(at::IntArrayRef sizes) {
  std::vector<std::int64_t> kept;
  for (const auto size : sizes) {
    if (size != 1) kept.push_back(size);
  }
  return kept;
}

// One prediction a place: the probability of 1.
std::optional<ClassRows> binary_rows(const PredictionForm& form, const at::Tensor& y,
                                     const at::Tensor& scores) {
  if (sizes_above_one(y.sizes()) != sizes_above_one(scores.sizes())) return std::nullopt;
  const auto flat = scores.reshape({-1, 1});
  const auto positive = form.from_logits ? flat.sigmoid() : flat;
  return ClassRows{.label = y.reshape({-1}).gt(0).to(at::kLong),
                   .probability = at::cat({1 - positive, positive}, 1),
                   .shape = sizes_above_one(scores.sizes().slice(1))};
}

// One prediction for each class a place, on `axis`.
std::optional<ClassRows> categorical_rows(const PredictionForm& form, const at::Tensor& y,
                                          const at::Tensor& scores, std::int64_t axis) {
  const auto classes = scores.size(axis);
  const auto moved = scores.movedim(axis, -1);
  const auto places = moved.sizes().slice(0, scores.dim() - 1);
  const auto flat = moved.reshape({-1, classes});
  ClassRows rows{.probability = form.from_logits ? flat.softmax(1) : flat,
                 .shape = places.slice(1).vec()};
  if (y.sizes() == scores.sizes()) {
    const auto one_hot = y.movedim(axis, -1).reshape({-1, classes});
    // A place of several labels, or of none, has no one class.
    const auto labels = one_hot.to(at::kDouble).sum(1);
    if (labels.sub(1).abs().gt(1e-3).any().item<bool>()) return std::nullopt;
    rows.label = one_hot.argmax(1);
  } else if (sizes_above_one(y.sizes()) == sizes_above_one(places)) {
    rows.label = y.reshape({-1}).to(at::kLong);
  } else {
    return std::nullopt;
  }
  return rows;
}

}  // namespace

PredictionForm prediction_form(const Scores& scores) {
  const auto config = scores.config();
  const auto form_of = [](const Json& part) {
    PredictionForm form;
    form.classifies = true;
    form.from_logits = is(part, "from_logits", true);
    form.binary = part["class_name"].get<std::string>().starts_with("Binary");
    if (!form.binary) form.class_axis = integer(part["config"], "axis").value_or(-1);
    form.ignore_class = integer(part["config"], "ignore_class");
    return form;
  };
  for (const auto& entry : config["losses"]) {
    const auto& loss = entry["loss"];
    if (is(loss, "from_logits", true) || is(loss, "from_logits", false)) return form_of(loss);
  }
  for (const auto& entry : config["metrics"]) {
    const auto& metric = entry["metric"];
    if (is(metric, "sparse_y_pred", false)) return form_of(metric);
  }
  return {};
}

std::optional<ClassRows> class_rows(const PredictionForm& form, const at::Tensor& y_true,
                                    const at::Tensor& y_pred) {
  const auto y = y_true.detach().cpu();
  auto scores = y_pred.detach().to(at::kCPU, at::kDouble);
  if (scores.dim() == 1) scores = scores.unsqueeze(1);
  const auto axis = form.class_axis < 0 ? form.class_axis + scores.dim() : form.class_axis;
  if (axis < 1 || axis >= scores.dim()) return std::nullopt;
  const bool one_a_place = scores.size(axis) == 1 || (form.binary && scores.dim() > 2);
  auto rows = one_a_place ? binary_rows(form, y, scores) : categorical_rows(form, y, scores, axis);
  if (!rows) return std::nullopt;
  rows->place = at::arange(rows->label.size(0), at::kLong);
  if (form.ignore_class && !one_a_place) {
    rows->place = rows->label.ne(*form.ignore_class).nonzero().squeeze(1);
    rows->label = rows->label.index_select(0, rows->place);
    rows->probability = rows->probability.index_select(0, rows->place);
  }
  const auto classes = rows->probability.size(1);
  if (rows->label.lt(0).logical_or(rows->label.ge(classes)).any().item<bool>()) return std::nullopt;
  return rows;
}

}  // namespace assay::training::report
