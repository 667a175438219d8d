// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/shapes.h>
#include <assay/metrics/state.h>

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
                       double initial) {
  for (const auto& variable : variables_) {
    TORCH_CHECK_VALUE(variable.name != name, "the variable name '", name, "' is taken");
  }
  const auto device = variables_.empty() ? at::Device(at::kCPU) : variables_[0].value.device();
  const at::NoGradGuard no_grad;
  auto value = at::full(shape, initial, at::TensorOptions(dtype).device(device));
  variables_.push_back({std::move(name), std::move(value), initial, merge});
  return variables_.back().value;
}

void State::reset() {
  for (auto& variable : variables_) variable.value.fill_(variable.initial);
}

void State::to(const at::Device& device) {
  for (auto& variable : variables_) variable.value = variable.value.to(device);
}

std::vector<at::Tensor> State::merged(const std::vector<at::Tensor>& values,
                                      const State& other) const {
  TORCH_CHECK_VALUE(values.size() == other.variables_.size(), "metrics with ", values.size(),
                    " and ", other.variables_.size(), " variables do not merge");
  std::vector<at::Tensor> result;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto& theirs = other.variables_[i];
    TORCH_CHECK_VALUE(
        theirs.name == variables_[i].name && theirs.value.sizes() == values[i].sizes(),
        "the variable '", variables_[i].name, "' of shape ", describe(values[i].sizes()),
        " does not merge with '", theirs.name, "' of shape ", describe(theirs.value.sizes()));
    result.push_back(
        merge_values(variables_[i].merge, values[i], theirs.value.to(values[i].device())));
  }
  return result;
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
    variables_[i].value = values[i].detach().to(variables_[i].value.device()).clone();
  }
}

void State::share(const std::vector<at::Tensor>& values) {
  TORCH_CHECK_VALUE(values.size() <= variables_.size(), "the state has ", variables_.size(),
                    " variables, got ", values.size());
  check_fit(values);
  for (std::size_t i = 0; i < values.size(); ++i) variables_[i].value = values[i];
}

}  // namespace assay::metrics
