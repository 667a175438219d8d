// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/options/field_values.h>
#include <assay/core/shapes.h>
#include <assay/training/optimizers/optimizer.h>
#include <assay/training/optimizers/state.h>
#include <assay/training/optimizers/state_slots.h>
#include <assay/training/optimizers/weight_averages.h>
#include <c10/util/Exception.h>

#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace assay::training::optimizers {
namespace {

using ParamState = torch::optim::OptimizerParamState;

struct Parameter {
  at::Tensor tensor;
  const torch::optim::OptimizerOptions* options;
  std::string prefix;  // "3."
};

std::vector<Parameter> parameters_of(const torch::optim::Optimizer& optimizer) {
  std::vector<Parameter> parameters;
  for (const auto& group : optimizer.param_groups()) {
    for (const auto& tensor : group.params()) {
      parameters.push_back({tensor, &group.options(), std::to_string(parameters.size()) + "."});
    }
  }
  return parameters;
}

// The scalars, with every type and count checked.
struct Scalars {
  std::vector<double> learning_rates;
  std::vector<std::optional<std::int64_t>> steps;  // 0 where the class counts none
};

const Json& member(const Json& scalars, const char* key) {
  TORCH_CHECK_VALUE(scalars.is_object() && scalars.contains(key), "optimizer state: '", key,
                    "' is missing in ", shown(scalars));
  return scalars[key];
}

Scalars read_scalars(const Json& scalars, const StateKind& kind, std::size_t groups,
                     std::size_t parameters) {
  const std::string where = "optimizer state: ";
  std::string class_name;
  assay::read_value(member(scalars, "class_name"), class_name, where + "class_name");
  TORCH_CHECK_VALUE(class_name == kind.class_name, where, "it is one of ", class_name,
                    "; expected one of ", kind.class_name);

  Scalars read;
  assay::read_value(member(scalars, "learning_rates"), read.learning_rates,
                    where + "learning_rates");
  TORCH_CHECK_VALUE(read.learning_rates.size() == groups, where, "it has ",
                    read.learning_rates.size(), " parameter groups; expected ", groups);
  for (const double rate : read.learning_rates) {
    TORCH_CHECK_VALUE(rate >= 0, where, "learning_rates holds ", rate,
                      "; expected numbers of at least 0");
  }

  const auto& states = member(scalars, "states");
  if (!states.is_array()) wrong_value(states, where + "states", "a list");
  TORCH_CHECK_VALUE(states.size() == parameters, where, "it has ", states.size(),
                    " parameters; expected ", parameters);
  for (const auto& state : states) {
    const auto path = where + "states[" + std::to_string(read.steps.size()) + "]";
    if (state.is_null()) {
      TORCH_CHECK_VALUE(!kind.always_there, path, ": is null; ", kind.class_name,
                        " has a state for every parameter");
      read.steps.emplace_back();
      continue;
    }
    std::int64_t step = 0;
    if (kind.counts_steps) {
      assay::read_value(member(state, "step"), step, path + ".step");
      TORCH_CHECK_VALUE(step >= 0, path, ".step: must be at least 0, got ", step);
    }
    read.steps.emplace_back(step);
  }
  return read;
}

// The named tensors, each of which must be asked for in the end.
class Tensors {
 public:
  explicit Tensors(const std::vector<serialization::NamedTensor>& tensors) {
    for (const auto& [name, tensor] : tensors) {
      TORCH_CHECK_VALUE(left_.emplace(name, tensor).second, "optimizer state: the tensor '", name,
                        "' is there twice");
    }
  }

  // A copy that has the parameter's place and layout.
  at::Tensor take(const std::string& name, const at::Tensor& parameter) {
    const auto found = left_.find(name);
    TORCH_CHECK_VALUE(found != left_.end(), "optimizer state: the tensor '", name, "' is missing");
    const auto& tensor = found->second;
    TORCH_CHECK_VALUE(tensor.defined() && tensor.sizes() == parameter.sizes() &&
                          tensor.scalar_type() == parameter.scalar_type(),
                      "optimizer state: the tensor '", name, "' is ", describe(tensor),
                      "; expected ", describe(parameter), " as its parameter");
    auto copy = at::empty_like(parameter, parameter.options().requires_grad(false),
                               at::MemoryFormat::Preserve);
    copy.copy_(tensor);
    left_.erase(found);
    return copy;
  }

  bool has(const std::string& name) const { return left_.contains(name); }

  void check_nothing_left() const {
    TORCH_CHECK_VALUE(left_.empty(), "optimizer state: the tensor '",
                      left_.empty() ? "" : left_.begin()->first,
                      "' belongs to no parameter of this optimizer with these options");
  }

 private:
  std::map<std::string, at::Tensor> left_;
};

constexpr auto kAverage = "average";

// The averages as "0.average", and how often they were updated.
void add_averages(const WeightAverages& averages, OptimizerState& state) {
  for (std::size_t i = 0; i < averages.averages().size(); ++i) {
    const auto& average = averages.averages()[i];
    if (average.defined()) state.tensors.push_back({std::to_string(i) + "." + kAverage, average});
  }
  state.scalars["average_updates"] = averages.updates();
}

// Averages out of a state that may have none yet.
std::pair<std::vector<at::Tensor>, std::int64_t> read_averages(
    const Json& scalars, const std::vector<Parameter>& parameters, Tensors& tensors) {
  std::int64_t updates = 0;
  assay::read_value(member(scalars, "average_updates"), updates,
                    "optimizer state: average_updates");
  TORCH_CHECK_VALUE(updates >= 0, "optimizer state: average_updates must be at least 0, got ",
                    updates);
  std::vector<at::Tensor> averages;
  for (const auto& [tensor, options, prefix] : parameters) {
    const auto name = prefix + kAverage;
    averages.push_back(tensors.has(name) ? tensors.take(name, tensor) : at::Tensor());
  }
  return {std::move(averages), updates};
}

}  // namespace

OptimizerState optimizer_state(const torch::optim::Optimizer& optimizer) {
  const auto& kind = state_kind(optimizer);
  OptimizerState state;
  Json states = Json::array();
  for (const auto& [parameter, options, prefix] : parameters_of(optimizer)) {
    const auto found = optimizer.state().find(parameter.unsafeGetTensorImpl());
    if (found == optimizer.state().end()) {
      states.push_back(nullptr);
      continue;
    }
    const auto slots = kind.slots(*found->second, *options);
    states.push_back(slots.step ? Json{{"step", *slots.step}} : Json::object());
    for (const auto& [name, tensor] : slots.tensors) {
      state.tensors.push_back({prefix + name, *tensor});
    }
  }
  Json learning_rates = Json::array();
  for (const auto& group : optimizer.param_groups()) {
    learning_rates.push_back(group.options().get_lr());
  }
  state.scalars = {{"class_name", kind.class_name},
                   {"learning_rates", std::move(learning_rates)},
                   {"states", std::move(states)}};
  if (const auto* averages = averages_of(optimizer)) add_averages(*averages, state);
  return state;
}

void load_optimizer_state(torch::optim::Optimizer& optimizer, const OptimizerState& state) {
  const at::NoGradGuard no_grad;
  const auto& kind = state_kind(optimizer);
  const auto parameters = parameters_of(optimizer);
  const auto scalars =
      read_scalars(state.scalars, kind, optimizer.param_groups().size(), parameters.size());

  Tensors tensors(state.tensors);
  std::vector<std::unique_ptr<ParamState>> states;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (!scalars.steps[i]) {
      states.emplace_back();
      continue;
    }
    states.push_back(kind.make());
    const auto slots = kind.slots(*states.back(), *parameters[i].options);
    if (slots.step) *slots.step = *scalars.steps[i];
    for (const auto& [name, tensor] : slots.tensors) {
      *tensor = tensors.take(parameters[i].prefix + name, parameters[i].tensor);
    }
  }
  auto* averages = averages_of(optimizer);
  std::pair<std::vector<at::Tensor>, std::int64_t> averaged;
  if (averages) averaged = read_averages(state.scalars, parameters, tensors);
  tensors.check_nothing_left();

  // Nothing fails from here on.
  if (averages) averages->load(std::move(averaged.first), averaged.second);
  optimizer.state().clear();
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (!states[i]) continue;
    optimizer.state()[parameters[i].tensor.unsafeGetTensorImpl()] = std::move(states[i]);
  }
  for (std::size_t i = 0; i < scalars.learning_rates.size(); ++i) {
    optimizer.param_groups()[i].options().set_lr(scalars.learning_rates[i]);
  }
}

}  // namespace assay::training::optimizers
