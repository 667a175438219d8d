// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/on_device.h>
#include <assay/core/shapes.h>
#include <assay/metrics/state.h>

#include <algorithm>

namespace assay::metrics {
namespace {

bool fits(const at::Tensor& value, const at::Tensor& own) {
  return value.defined() && value.sizes() == own.sizes() &&
         value.scalar_type() == own.scalar_type();
}

void merge_into(at::Tensor& merged, Merge merge, const at::Tensor& other) {
  switch (merge) {
    case Merge::kSum:
      merged.add_(other);
      return;
    case Merge::kMin:
      at::minimum_out(merged, merged, other);
      return;
    case Merge::kMax:
      at::maximum_out(merged, merged, other);
      return;
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

std::vector<at::Tensor> State::merged(const std::vector<std::vector<at::Tensor>>& states) const {
  std::vector<at::Tensor> result(size());
  const auto added = size() - own_values().size();
  for (const auto& values : states) {
    TORCH_CHECK_VALUE(values.size() == size() || values.size() == added, "metrics with ", size(),
                      " and ", values.size(), " variables do not merge");
    const auto missing = size() - values.size();
    for (std::size_t i = missing; i < size(); ++i) {
      const auto& mine = variables_[i];
      const auto& theirs = values[i - missing];
      TORCH_CHECK_VALUE(fits(theirs, mine.value), "the variable '", mine.name, "', ",
                        describe(mine.value), ", does not merge with ", describe(theirs));
      const auto there = on_device(theirs, mine.value.device());
      if (result[i].defined()) {
        merge_into(result[i], mine.merge, there);
      } else {
        result[i] = there.clone();
      }
    }
  }
  for (std::size_t i = 0; i < size(); ++i) {
    if (!result[i].defined()) result[i] = variables_[i].value.clone();
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
    TORCH_CHECK_VALUE(fits(values[i], own.value), "the variable '", own.name, "' is ",
                      describe(own.value), ", got ", describe(values[i]));
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
