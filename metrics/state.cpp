// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/on_device.h>
#include <assay/core/shapes.h>
#include <assay/metrics/state.h>

#include <algorithm>

namespace assay::metrics {
namespace {

at::Tensor merge_values(Merge merge, const at::Tensor& a, const at::Tensor& b) {
  switch (merge) {
    case Merge::kSum:
      return a + b;
    case Merge::kMin:
      return at::minimum(a, b);
    case Merge::kMax:
      return at::maximum(a, b);
  }
  TORCH_INTERNAL_ASSERT(false, "unknown merge rule");
}

}  // namespace

at::Tensor& State::add(std::string name, at::IntArrayRef shape, at::ScalarType dtype, Merge merge,
                       double initial, bool added) {
  for (const auto& variable : variables_) {
    TORCH_CHECK_VALUE(variable.name != name, "the variable name '", name, "' is taken");
  }
  const at::NoGradGuard no_grad;
  auto value = at::full(shape, initial, at::TensorOptions(dtype).device(device()));
  const auto is_own = [](const Variable& variable) { return !variable.added; };
  const auto own = std::count_if(variables_.begin(), variables_.end(), is_own);
  std::vector<Variable> behind;
  if (!added) {
    behind.assign(variables_.begin() + own, variables_.end());
    variables_.resize(own);
  }
  variables_.push_back({std::move(name), std::move(value), initial, merge, added});
  auto& made = variables_.back().value;
  variables_.insert(variables_.end(), behind.begin(), behind.end());
  return made;
}

at::Device State::device() const {
  return empty() ? at::Device(at::kCPU) : variables_[0].value.device();
}

void State::reset() {
  for (auto& variable : variables_) variable.value.fill_(variable.initial);
}

void State::to(const at::Device& device) {
  for (auto& variable : variables_) variable.value = on_device(variable.value, device);
}

std::vector<at::Tensor> State::values_of(const State& other) const {
  const auto own = own_values().size();
  const auto missing = other.is_built() ? 0 : own;
  TORCH_CHECK_VALUE(size() == other.size() + missing, "metrics with ", size(), " and ",
                    other.size(), " variables do not merge");
  std::vector<at::Tensor> values;
  for (std::size_t i = 0; i < missing; ++i) {
    values.push_back(at::full_like(variables_[i].value, variables_[i].initial));
  }
  for (std::size_t i = missing; i < size(); ++i) {
    const auto& mine = variables_[i];
    const auto& theirs = other.variables_[i - missing];
    TORCH_CHECK_VALUE(theirs.name == mine.name && theirs.value.sizes() == mine.value.sizes(),
                      "the variable '", mine.name, "' of shape ", describe(mine.value.sizes()),
                      " does not merge with '", theirs.name, "' of shape ",
                      describe(theirs.value.sizes()));
    values.push_back(on_device(theirs.value, mine.value.device()));
  }
  return values;
}

std::vector<at::Tensor> State::merged(const std::vector<at::Tensor>& values,
                                      const State& other) const {
  auto result = values_of(other);
  for (std::size_t i = 0; i < size(); ++i) {
    result[i] = merge_values(variables_[i].merge, values[i], result[i]);
  }
  return result;
}

std::vector<at::Tensor> State::own_values() const {
  std::vector<at::Tensor> values;
  for (const auto& variable : variables_) {
    if (!variable.added) values.push_back(variable.value);
  }
  return values;
}

std::vector<at::Tensor> State::values() const {
  std::vector<at::Tensor> values;
  values.reserve(variables_.size());
  for (const auto& variable : variables_) values.push_back(variable.value);
  return values;
}

std::vector<at::Tensor> State::snapshot() const {
  std::vector<at::Tensor> copies;
  for (const auto& variable : variables_) copies.push_back(variable.value.clone());
  return copies;
}

void State::check_fit(const std::vector<at::Tensor>& values) const {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto& own = variables_[i];
    TORCH_CHECK_VALUE(values[i].defined() && values[i].sizes() == own.value.sizes() &&
                          values[i].scalar_type() == own.value.scalar_type(),
                      "the variable '", own.name, "' is ", describe(own.value), ", got ",
                      describe(values[i]));
  }
}

void State::assign(const std::vector<at::Tensor>& values) {
  TORCH_CHECK_VALUE(values.size() == variables_.size(), "the state has ", variables_.size(),
                    " variables, got ", values.size());
  check_fit(values);
  for (std::size_t i = 0; i < values.size(); ++i) {
    variables_[i].value = on_device(values[i].detach(), variables_[i].value.device()).clone();
  }
}

void State::share(const std::vector<at::Tensor>& values) {
  TORCH_CHECK_VALUE(values.size() <= variables_.size(), "the state has ", variables_.size(),
                    " variables, got ", values.size());
  check_fit(values);
  for (std::size_t i = 0; i < values.size(); ++i) variables_[i].value = values[i];
}

}  // namespace assay::metrics
