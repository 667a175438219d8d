// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/on_device.h>
#include <assay/core/options/field_values.h>
#include <assay/losses/registry.h>
#include <assay/metrics/registry.h>
#include <assay/registry/identifier.h>
#include <assay/training/label_form.h>
#include <assay/training/scores.h>

#include <algorithm>

namespace assay::training {
namespace {

std::shared_ptr<losses::Loss> make_loss(const Json& identifier) { return losses::get(identifier); }

// A metric given by name is reported under the name that was given, as Keras does.
std::shared_ptr<metrics::Metric> make_metric(const Json& identifier) {
  if (!identifier.is_string()) return metrics::get(identifier);
  const auto name = identifier.get<std::string>();
  if (is_script_path(name)) return metrics::get(identifier);
  return metrics::get(Json{{"class_name", name}, {"config", {{"name", name}}}});
}

void check_number(const std::string& name, const at::Tensor& value) {
  TORCH_CHECK_VALUE(value.dim() == 0, "the loss '", name, "' gives a tensor of shape ",
                    value.sizes(), "; training needs one number: choose another reduction");
}

}  // namespace

Scores::Scores(const LossArguments& losses, std::vector<double> loss_weights,
               const std::vector<MetricArgument>& metrics,
               const std::vector<MetricArgument>& weighted_metrics) {
  TORCH_CHECK_VALUE(!losses.list().empty(), "compile: loss is missing");
  TORCH_CHECK_VALUE(loss_weights.empty() || loss_weights.size() == losses.list().size(),
                    "compile: loss_weights has ", loss_weights.size(), " values for ",
                    losses.list().size(), " losses");
  for (std::size_t i = 0; i < losses.list().size(); ++i) {
    const auto& argument = losses.list()[i];
    LossEntry entry{.weight = loss_weights.empty() ? 1 : loss_weights[i]};
    if (argument.object()) {
      entry.loss = argument.object();
    } else if (is_form_of_crossentropy(argument.identifier())) {
      entry.name = argument.identifier().get<std::string>();
    } else {
      entry.loss = make_loss(argument.identifier());
    }
    if (entry.loss) entry.name = entry.loss->name();
    losses_.push_back(std::move(entry));
  }
  for (const auto& argument : metrics) add_metric(argument, false);
  for (const auto& argument : weighted_metrics) add_metric(argument, true);
  const auto reported = static_cast<std::int64_t>(losses_.size() == 1 ? 1 : losses_.size() + 1);
  loss_totals_ = at::zeros({reported}, at::kDouble);
  rows_ = at::zeros({}, at::kLong);
}

void Scores::add_metric(const MetricArgument& argument, bool weighted) {
  MetricEntry entry{.weighted = weighted};
  if (argument.object()) {
    entry.metric = argument.object();
  } else if (is_form_of_accuracy(argument.identifier()) ||
             is_form_of_crossentropy(argument.identifier())) {
    entry.name = argument.identifier().get<std::string>();
  } else {
    entry.metric = make_metric(argument.identifier());
  }
  if (entry.metric) entry.name = entry.metric->name();
  const auto taken = [this](const std::string& name) {
    return std::any_of(metrics_.begin(), metrics_.end(),
                       [&](const auto& known) { return known.log_name == name; });
  };
  entry.log_name = weighted && taken(entry.name) ? "weighted_" + entry.name : entry.name;
  TORCH_CHECK_VALUE(!taken(entry.log_name) && entry.log_name != "loss",
                    "compile: the metric name '", entry.log_name,
                    "' is taken; give one of the two another name");
  metrics_.push_back(std::move(entry));
}

bool Scores::resolved() const {
  return std::all_of(losses_.begin(), losses_.end(), [](const auto& l) { return l.loss; }) &&
         std::all_of(metrics_.begin(), metrics_.end(), [](const auto& m) { return m.metric; });
}

std::optional<bool> Scores::from_logits() const {
  for (const auto& entry : losses_) {
    if (!entry.loss) continue;
    const auto config = entry.loss->get_config();
    if (config.contains("from_logits")) return config["from_logits"] == true;
  }
  return std::nullopt;
}

void Scores::resolve(const at::Tensor& y_true, const at::Tensor& y_pred) {
  if (resolved()) return;
  const auto form = label_form(y_true, y_pred);
  for (auto& entry : losses_) {
    if (!entry.loss) entry.loss = losses::get(crossentropy_of(form));
  }
  for (auto& entry : metrics_) {
    if (entry.metric) continue;
    Json config = {{"name", entry.name}};
    const bool accuracy = is_form_of_accuracy(entry.name);
    if (!accuracy) config["from_logits"] = from_logits().value_or(false);
    entry.metric =
        metrics::from_config(accuracy ? accuracy_of(form) : crossentropy_of(form), config);
  }
}

BatchLoss Scores::loss(const at::Tensor& y_true, const at::Tensor& y_pred,
                       const at::Tensor& sample_weight) const {
  BatchLoss result;
  for (const auto& entry : losses_) {
    auto value = (*entry.loss)(y_true, y_pred, sample_weight);
    check_number(entry.name, value);
    const auto weighted = entry.weight == 1 ? value : value * entry.weight;
    result.total = result.total.defined() ? result.total + weighted : weighted;
    result.parts.push_back(std::move(value));
  }
  result.rows = y_pred.size(0);
  return result;
}

BatchLoss Scores::loss_of_part(const at::Tensor& y_true, const at::Tensor& y_pred,
                               const at::Tensor& sample_weight,
                               std::optional<std::int64_t> whole_rows,
                               const SumOverProcesses& sum) const {
  const auto count = static_cast<std::int64_t>(losses_.size());
  const auto rows = y_pred.defined() ? y_pred.size(0) : 0;
  std::vector<at::Tensor> sums;
  // What the losses divide by, then the rows.
  auto numbers = at::zeros({count + 1}, at::kDouble);
  auto* number = numbers.data_ptr<double>();
  number[count] = static_cast<double>(rows);
  bool by_rows = whole_rows.has_value();
  for (std::int64_t i = 0; i < count && rows > 0; ++i) {
    const auto& entry = losses_[i];
    auto [value, divisor, by_samples] = entry.loss->forward_sum(y_true, y_pred, sample_weight);
    check_number(entry.name, value);
    if (divisor.defined()) {
      number[i] = divisor.item<double>();
      by_rows = by_rows && by_samples;
    } else if (entry.loss->reduction() != Reduction::kSum) {
      value = value * static_cast<double>(rows);
      number[i] = static_cast<double>(rows);
    }
    sums.push_back(std::move(value));
  }
  if (by_rows) {
    numbers.fill_(static_cast<double>(*whole_rows));
  } else {
    sum(numbers);
  }
  BatchLoss result;
  result.rows = static_cast<std::int64_t>(number[count]);
  for (std::int64_t i = 0; i < count; ++i) {
    const auto& entry = losses_[i];
    const bool divides = !entry.loss || entry.loss->reduction() != Reduction::kSum;
    const double scale = !divides ? 1 : number[i] == 0 ? 0 : 1 / number[i];
    // A step without rows is minimised too.
    auto share = rows > 0 ? sums[i] * scale : at::zeros({}, at::kFloat).requires_grad_();
    const auto weighted = entry.weight == 1 ? share : share * entry.weight;
    result.total = result.total.defined() ? result.total + weighted : weighted;
    result.parts.push_back(std::move(share));
  }
  return result;
}

void Scores::add_running_losses(const BatchLoss& loss, std::int64_t rows) {
  const auto whole = loss.rows > 0 ? loss.rows : rows;
  auto values = loss.total.detach().to(at::kDouble).reshape({1});
  if (loss_totals_.numel() > 1) {
    std::vector<at::Tensor> all = {values};
    for (const auto& part : loss.parts) all.push_back(part.detach().to(at::kDouble).reshape({1}));
    values = at::cat(all);
  }
  loss_totals_ = on_device(loss_totals_, values.device());
  loss_totals_.add_(values, static_cast<double>(whole));
  rows_.add_(rows);
}

void Scores::update(const at::Tensor& y_true, const at::Tensor& y_pred,
                    const at::Tensor& sample_weight, const BatchLoss& loss) {
  const at::NoGradGuard no_grad;
  const auto predictions = y_pred.detach();
  for (auto& entry : metrics_) {
    entry.metric->update_state(y_true, predictions, entry.weighted ? sample_weight : at::Tensor());
  }
  add_running_losses(loss, y_pred.size(0));
}

void Scores::reset() {
  loss_totals_.zero_();
  rows_.zero_();
  for (auto& entry : metrics_) {
    if (entry.metric) entry.metric->reset_state();
  }
}

Logs Scores::read() const {
  const at::NoGradGuard no_grad;
  std::vector<std::string> names = {"loss"};
  for (const auto& entry : losses_) {
    if (losses_.size() > 1) names.push_back(entry.name);
  }
  std::vector<at::Tensor> values = {loss_totals_ / rows_.clamp_min(1)};
  for (const auto& entry : metrics_) {
    if (!entry.metric) continue;
    for (const auto& [name, result] : entry.metric->results()) {
      const auto& shown = name == entry.name ? entry.log_name : name;
      for (std::int64_t i = 0; i < result.numel(); ++i) {
        names.push_back(result.dim() == 0 ? shown : shown + "[" + std::to_string(i) + "]");
      }
      values.push_back(result.detach().to(at::kDouble).reshape({-1}));
    }
  }
  const auto host = at::cat(values).cpu();
  Logs logs;
  for (std::size_t i = 0; i < names.size(); ++i) logs.set(names[i], host.data_ptr<double>()[i]);
  return logs;
}

double Scores::read_loss() const {
  return loss_totals_[0].item<double>() /
         static_cast<double>(std::max<std::int64_t>(rows_.item<std::int64_t>(), 1));
}

std::vector<std::shared_ptr<metrics::Metric>> Scores::metrics() const {
  std::vector<std::shared_ptr<metrics::Metric>> list;
  for (const auto& entry : metrics_) {
    if (entry.metric) list.push_back(entry.metric);
  }
  return list;
}

}  // namespace assay::training
