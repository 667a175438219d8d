// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <assay/core/options/field_values.h>
#include <assay/core/options/names.h>
#include <assay/training/layers/activation_function.h>
#include <c10/util/Exception.h>

#include <utility>

namespace assay::training::layers {
namespace {

using Function = at::Tensor (*)(const at::Tensor&);

const std::vector<std::pair<std::string, Function>>& functions() {
  using T = at::Tensor;
  static const std::vector<std::pair<std::string, Function>> table = {
      {"elu", [](const T& x) { return at::elu(x); }},
      {"exponential", [](const T& x) { return x.exp(); }},
      {"gelu", [](const T& x) { return at::gelu(x); }},
      {"hard_sigmoid", [](const T& x) { return at::hardsigmoid(x); }},
      {"hard_silu", [](const T& x) { return at::hardswish(x); }},
      {"leaky_relu", [](const T& x) { return at::leaky_relu(x, 0.2); }},
      {"linear", [](const T& x) { return x; }},
      {"log_sigmoid", [](const T& x) { return at::log_sigmoid(x); }},
      {"log_softmax", [](const T& x) { return at::log_softmax(x, -1); }},
      {"mish", [](const T& x) { return at::mish(x); }},
      {"relu", [](const T& x) { return at::relu(x); }},
      {"relu6", [](const T& x) { return x.clamp(0, 6); }},
      {"selu", [](const T& x) { return at::selu(x); }},
      {"sigmoid", [](const T& x) { return at::sigmoid(x); }},
      {"silu", [](const T& x) { return at::silu(x); }},
      {"softmax", [](const T& x) { return at::softmax(x, -1); }},
      {"softplus", [](const T& x) { return at::softplus(x); }},
      {"softsign", [](const T& x) { return x / (x.abs() + 1); }},
      {"swish", [](const T& x) { return at::silu(x); }},
      {"tanh", [](const T& x) { return at::tanh(x); }},
  };
  return table;
}

Function find(const std::string& name) {
  for (const auto& [known, function] : functions()) {
    if (known == name) return function;
  }
  return nullptr;
}

}  // namespace

std::vector<std::string> activation_names() {
  std::vector<std::string> names;
  for (const auto& [name, function] : functions()) names.push_back(name);
  return names;
}

at::Tensor activate(const ActivationName& activation, const at::Tensor& x) {
  const auto function = find(activation.name);
  if (!function) check_activation(activation, "activation");
  return function(x);
}

void check_activation(const ActivationName& activation, const std::string& path) {
  TORCH_CHECK_VALUE(find(activation.name), path, ": '", activation.name, "' is not one of ",
                    join(activation_names()), ".",
                    did_you_mean(activation.name, activation_names()));
}

Json write_value(const ActivationName& value) { return value.name; }

void read_value(const Json& in, ActivationName& value, const std::string& path) {
  ActivationName read;
  if (!in.is_null()) assay::read_value(in, read.name, path);
  check_activation(read, path);
  value = std::move(read);
}

Json value_schema(const ActivationName*) {
  Json names = activation_names();
  names.push_back(nullptr);
  return {{"enum", names}};
}

}  // namespace assay::training::layers
