// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/options/field_values.h>
#include <assay/core/shapes.h>
#include <assay/metrics/registry.h>
#include <assay/metrics/wrapper_base.h>

namespace assay::metrics {

Json write_value(const std::shared_ptr<Metric>& value) {
  return value ? serialize(*value) : Json(nullptr);
}

void read_value(const Json& in, std::shared_ptr<Metric>& value, const std::string& path) {
  if (!in.is_null() && !in.is_string() && !in.is_object()) wrong_value(in, path, "a metric");
  value = in.is_null() ? nullptr : get(in);
}

Json value_schema(const std::shared_ptr<Metric>*) {
  return {{"anyOf", {{{"type", "string"}}, {{"type", "object"}}}}};
}

void check_metric(const std::shared_ptr<Metric>& metric, const char* class_name) {
  TORCH_CHECK_VALUE(metric, class_name, ".metric: missing; expected a metric");
}

void WrapperBase::wrap(const Metric& metric, std::int64_t copies) {
  original_ = metric.fresh();
  inner_ = original_->fresh();
  copies_ = copies;
  if (!inner_->state().empty()) declare();
}

void WrapperBase::declare() {
  for (const auto& variable : inner_->state().variables()) {
    auto shape = variable.value.sizes().vec();
    shape.insert(shape.begin(), copies_);
    add_state(variable.name, shape, variable.value.scalar_type(), variable.merge, variable.initial);
  }
  inner_count_ = inner_->state().variables().size();
  declare_own();
  built_ = true;
}

void WrapperBase::build(const at::Device& device) {
  if (built_) return;
  declare();
  to(device);
}

void WrapperBase::build_for(const std::vector<at::Tensor>& values) {
  TORCH_INTERNAL_ASSERT(!built_);
  // How many variables the wrapped metric has is known once it has taken some.
  const auto own = own_variables();
  TORCH_CHECK_VALUE(values.size() > own, "the state of ", name(), " has more than ", own,
                    " variables, got ", values.size());
  std::vector<at::Tensor> first;
  for (std::size_t i = 0; i + own < values.size(); ++i) {
    TORCH_CHECK_VALUE(values[i].defined() && values[i].dim() > 0 && values[i].size(0) == copies_,
                      "a variable of ", name(), " is [", copies_, ", ..], got ",
                      describe(values[i]));
    first.push_back(values[i][0]);
  }
  fresh_copy().set_state(first);
  declare();
}

Metric& WrapperBase::fresh_copy() const {
  if (built_) {
    inner_->to(variables()[0].device());
    inner_->reset_state();
  } else {
    inner_ = original_->fresh();
  }
  return *inner_;
}

Metric& WrapperBase::copy_of(const std::vector<at::Tensor>& values) const {
  if (!values.empty()) inner_->to(values[0].device());
  inner_->set_state(values);
  return *inner_;
}

Metric& WrapperBase::copy(std::int64_t index) const {
  if (!built_) return fresh_copy();
  std::vector<at::Tensor> values;
  for (const auto& variable : inner_variables()) values.push_back(variable[index]);
  return copy_of(values);
}

at::Tensor WrapperBase::stacked_results() const {
  std::vector<at::Tensor> results;
  for (std::int64_t i = 0; i < copies_; ++i) results.push_back(unrounded_result(copy(i)));
  return at::stack(results);
}

void WrapperBase::replace(const States& states) {
  build(states[0][0].device());
  const auto variables = inner_variables();
  for (std::size_t i = 0; i < variables.size(); ++i) {
    std::vector<at::Tensor> values;
    for (const auto& state : states) values.push_back(state[i]);
    variables[i].copy_(at::stack(values));
  }
}

std::vector<at::Tensor> WrapperBase::inner_variables() const {
  auto all = variables();
  all.resize(inner_count_);
  return all;
}

}  // namespace assay::metrics
