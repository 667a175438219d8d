// SPDX-License-Identifier: Apache-2.0
// Functions between layers, by Keras's names.
#pragma once
#include <ATen/core/Tensor.h>
#include <assay/core/options/json.h>

#include <string>
#include <vector>

namespace assay::training::layers {

/// A function by its name; "linear" is the identity. In JSON a string; null is "linear".
struct ActivationName {
  ActivationName() = default;
  ///@{
  /// Options are written as text: `.activation = "relu"`. The layer that takes it checks the name.
  ActivationName(std::string name) : name(std::move(name)) {}
  ActivationName(const char* name) : name(name) {}
  ///@}

  std::string name = "linear";  ///< One of `activation_names`.
};

/// The names that `activate` knows.
/// Source: keras.activations.
std::vector<std::string> activation_names();

/// The function's value, with Keras's constants.
/// Errors: ValueError with the nearest known name for a name that is unknown.
/// Source: keras.activations.get.
at::Tensor activate(const ActivationName& activation, const at::Tensor& x);

/// Errors: ValueError with the nearest known name for a name that is unknown.
void check_activation(const ActivationName& activation, const std::string& path);

///@{
/// In JSON one of `activation_names`, or null, which is "linear".
Json write_value(const ActivationName& value);
void read_value(const Json& in, ActivationName& value, const std::string& path);
Json value_schema(const ActivationName*);
///@}

}  // namespace assay::training::layers
