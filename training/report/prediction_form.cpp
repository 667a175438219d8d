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
                   .probability = at::cat({1 - positive, positive}, 1)};
}

}  // namespace

PredictionForm prediction_form(const Scores& scores) {
  const auto config = scores.config();
  const auto form_of = [](const Json& part) {
    PredictionForm form;
    form.classifies = true;
    form.from_logits = part["config"].value("from_logits", false);
    form.binary = part["class_name"].get<std::string>().starts_with("Binary");
    if (!form.binary) form.class_axis = integer(part["config"], "axis").value_or(-1);
    form.ignore_class = integer(part["config"], "ignore_class");
    return form;
  };
  for (const auto& entry : config["losses"]) {
    const auto& loss = entry["loss"];
    if (loss.is_object() && loss["config"].contains("from_logits")) return form_of(loss);
  }
  for (const auto& entry : config["metrics"]) {
    const auto& metric = entry["metric"];
    if (metric.is_object() && !metric["config"].value("sparse_y_pred", true))
      return form_of(metric);
  }
  return {};
}

std::optional<ClassRows> class_rows(const PredictionForm& form, const at::Tensor& y_true,
                                    const at::Tensor& y_pred) {
  auto y = y_true.detach().cpu();
  auto scores = y_pred.detach().to(at::kCPU, at::kDouble);
  if (scores.dim() == 1) scores = scores.unsqueeze(1);
  const auto axis = form.class_axis < 0 ? form.class_axis + scores.dim() : form.class_axis;
  if (axis < 1 || axis >= scores.dim()) return std::nullopt;
  const auto classes = scores.size(axis);
  const bool one_a_place = classes == 1 || (form.binary && scores.dim() > 2);

  std::optional<ClassRows> rows;
  std::vector<std::int64_t> shape(scores.sizes().begin() + 1, scores.sizes().end());
  if (one_a_place) {
    rows = binary_rows(form, y, scores);
    if (!rows) return std::nullopt;
    shape = sizes_above_one(shape);
  } else {
    shape.erase(shape.begin() + (axis - 1));
    scores = scores.movedim(axis, -1);
    if (y.sizes() == y_pred.sizes()) {
      y = y.movedim(axis, -1).reshape({-1, classes});
      // A place of several labels, or of none, has no one class.
      if (y.to(at::kDouble).sum(1).sub(1).abs().gt(1e-3).any().item<bool>()) return std::nullopt;
      y = y.argmax(1);
    } else if (sizes_above_one(y.sizes()) !=
               sizes_above_one(scores.sizes().slice(0, scores.dim() - 1))) {
      return std::nullopt;
    }
    scores = scores.reshape({-1, classes});
    rows = ClassRows{.label = y.reshape({-1}).to(at::kLong),
                     .probability = form.from_logits ? scores.softmax(1) : scores};
  }
  rows->shape = std::move(shape);
  rows->place = at::arange(rows->label.size(0), at::kLong);
  if (form.ignore_class) {
    const auto counts = y.reshape({-1}).ne(*form.ignore_class).nonzero().squeeze(1);
    rows->label = rows->label.index_select(0, counts);
    rows->probability = rows->probability.index_select(0, counts);
    rows->place = counts;
  }
  const auto no_class = rows->label.lt(0).logical_or(rows->label.ge(rows->probability.size(1)));
  if (no_class.any().item<bool>()) return std::nullopt;
  return rows;
}

}  // namespace assay::training::report
