// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/dtype.h>
#include <assay/core/options/config.h>
#include <assay/core/options/names.h>
#include <assay/core/shapes.h>
#include <assay/metrics/metric.h>

#include <algorithm>

namespace assay::metrics {
namespace {

// What two metrics must agree in to merge: everything but the label.
Json without_name(Json config) {
  config.erase("name");
  return config;
}

std::vector<std::string> added_names(const State& state) {
  std::vector<std::string> names;
  for (const auto& variable : state.variables()) {
    if (variable.added) names.push_back(variable.name);
  }
  return names;
}

}  // namespace

Metric::Metric(std::string name, at::ScalarType dtype) : name_(std::move(name)), dtype_(dtype) {}

at::Tensor& Metric::add_state(std::string name, at::IntArrayRef shape, at::ScalarType dtype,
                              Merge merge, double initial) {
  return state_.add(std::move(name), shape, dtype, merge, initial);
}

void Metric::take(const at::Tensor& y_true, const at::Tensor& y_pred,
                  const at::Tensor& sample_weight) {
  TORCH_CHECK_VALUE(y_true.defined(), "y_true is missing");
  const auto device = y_pred.defined() ? y_pred.device() : y_true.device();
  for (const auto* tensor : {&y_true, &y_pred, &sample_weight}) {
    if (!tensor->defined()) continue;
    TORCH_CHECK_VALUE(!tensor->is_complex(), name_, " takes real numbers, got ", describe(*tensor));
  }
  TORCH_CHECK_VALUE(y_true.device() == device, "y_true is on ", y_true.device(), ", y_pred is on ",
                    device, "; expected one device");
  TORCH_CHECK_VALUE(
      !sample_weight.defined() || sample_weight.dim() == 0 || sample_weight.device() == device,
      "sample_weight is on ", sample_weight.device(), ", y_pred is on ", device,
      "; expected one device");
  if (!placed_) to(device);
}

void Metric::update_state(const at::Tensor& y_true, const at::Tensor& y_pred,
                          const at::Tensor& sample_weight) {
  const at::NoGradGuard no_grad;
  take(y_true, y_pred, sample_weight);
  update(y_true, y_pred, sample_weight);
}

std::function<void()> Metric::prepare_update(const at::Tensor& y_true, const at::Tensor& y_pred,
                                             const at::Tensor& sample_weight) {
  const at::NoGradGuard no_grad;
  take(y_true, y_pred, sample_weight);
  auto add = prepared(y_true, y_pred, sample_weight);
  if (!add) return {};
  return [add = std::move(add)] {
    const at::NoGradGuard while_adding;
    add();
  };
}

at::Tensor Metric::result() const {
  const at::NoGradGuard no_grad;
  // A copy: some results are the state itself.
  return compute().to(dtype_, /*non_blocking=*/false, /*copy=*/true);
}

std::vector<std::pair<std::string, at::Tensor>> Metric::results() const {
  return {{name_, result()}};
}

void Metric::reset_state() {
  const at::NoGradGuard no_grad;
  state_.reset();
}

void Metric::merge_state(const std::vector<const Metric*>& others) {
  const at::NoGradGuard no_grad;
  for (const auto* other : others) {
    TORCH_CHECK_VALUE(other != nullptr, "merge_state: one of the metrics is missing");
    TORCH_CHECK_VALUE(other->class_name() == class_name(), "merge_state: a ", other->class_name(),
                      " does not merge into a ", class_name());
    TORCH_CHECK_VALUE(same_configuration(*other),
                      "merge_state: the configurations differ: ", get_config().dump(), " and ",
                      other->get_config().dump());
  }
  std::vector<std::vector<at::Tensor>> states;
  auto device = state_.device();
  bool placed = placed_;
  for (const auto* other : others) {
    TORCH_CHECK_VALUE(added_names(other->state_) == added_names(state_),
                      "merge_state: the variables that were added differ: ",
                      join(added_names(state_)), " and ", join(added_names(other->state_)));
    states.push_back(other->variables());
    if (!placed && other->placed_) {
      device = other->state_.device();
      placed = true;
    }
  }
  merge_variables(states, device);
}

void Metric::merge_variables(const std::vector<std::vector<at::Tensor>>& others) {
  const auto is_there = [](const auto& values) { return !values.empty() && values[0].defined(); };
  const auto first = std::find_if(others.begin(), others.end(), is_there);
  merge_variables(others,
                  placed_ || first == others.end() ? state_.device() : first->front().device());
}

void Metric::merge_variables(const std::vector<std::vector<at::Tensor>>& others,
                             const at::Device& device) {
  const at::NoGradGuard no_grad;
  std::vector<std::vector<at::Tensor>> all = {variables()};
  all.insert(all.end(), others.begin(), others.end());
  // State that is built from data may not be there yet: it is here only once all are known to fit
  // each other.
  const auto trial = blank();
  for (const auto& values : all) {
    if (trial->state_.is_built()) break;
    const auto added = trial->state_.size();
    if (values.size() > added) {
      trial->build_for({values.begin(), values.end() - static_cast<std::ptrdiff_t>(added)});
    }
  }
  trial->to(device);
  set_state(trial->state_.merged(all));
}

at::Tensor Metric::operator()(const at::Tensor& y_true, const at::Tensor& y_pred,
                              const at::Tensor& sample_weight) {
  update_state(y_true, y_pred, sample_weight);
  return result();
}

at::Tensor Metric::add_variable(at::IntArrayRef shape, const std::string& initializer,
                                at::ScalarType dtype, const std::string& name) {
  TORCH_CHECK_VALUE(initializer == "zeros" || initializer == "ones",
                    "initializer: expected 'zeros' or 'ones', got '", initializer, "'");
  return state_.add(name, shape, dtype, Merge::kSum, initializer == "ones" ? 1 : 0,
                    /*added=*/true);
}

std::vector<at::Tensor> Metric::stateless_update_state(const std::vector<at::Tensor>& state,
                                                       const at::Tensor& y_true,
                                                       const at::Tensor& y_pred,
                                                       const at::Tensor& sample_weight) const {
  const auto copy = with_state(state);
  copy->update_state(y_true, y_pred, sample_weight);
  return copy->variables();
}

at::Tensor Metric::stateless_result(const std::vector<at::Tensor>& state) const {
  return with_state(state)->result();
}

std::shared_ptr<Metric> Metric::blank() const {
  auto metric = fresh();
  for (const auto& variable : state_.variables()) {
    if (!variable.added) continue;
    metric->state_.add(variable.name, variable.value.sizes(), variable.value.scalar_type(),
                       variable.merge, variable.initial, /*added=*/true);
  }
  return metric;
}

std::shared_ptr<Metric> Metric::with_state(const std::vector<at::Tensor>& values) const {
  auto metric = blank();
  metric->set_state(values);
  return metric;
}

bool Metric::same_configuration(const Metric& other) const {
  return other.class_name() == class_name() &&
         without_name(other.get_config()) == without_name(get_config());
}

std::vector<at::Tensor> Metric::stateless_reset_state() const {
  auto values = state_.snapshot();
  std::size_t i = 0;
  for (const auto& variable : state_.variables()) values[i++].fill_(variable.initial);
  return values;
}

void Metric::set_state(const std::vector<at::Tensor>& values) {
  const at::NoGradGuard no_grad;
  const auto place = [&](Metric& metric) {
    if (!values.empty() && values[0].defined()) metric.to(values[0].device());
  };
  if (!state_.is_built() && values.size() > state_.size()) {
    const auto added = static_cast<std::ptrdiff_t>(state_.size());
    const std::vector<at::Tensor> own(values.begin(), values.end() - added);
    // Tried on another metric first: values that do not fit leave this one without state.
    const auto trial = blank();
    trial->build_for(own);
    place(*trial);
    trial->state_.assign(values);
    build_for(own);
  }
  if (!placed_) place(*this);
  state_.assign(values);
}

void Metric::share_state(const Metric& owner, const std::vector<std::string>& names) {
  if (!owner.state_.is_built()) return;
  std::vector<at::Tensor> values;
  for (const auto& name : names) {
    for (const auto& variable : owner.state_.variables()) {
      if (variable.name == name) values.push_back(variable.value);
    }
  }
  if (!state_.is_built()) build_for(values);
  state_.share(values);
  placed_ = owner.placed_;
}

void Metric::to(const at::Device& device) {
  state_.to(device);
  placed_ = true;
}

}  // namespace assay::metrics
