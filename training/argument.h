// SPDX-License-Identifier: Apache-2.0
// A part of a training run as a caller may give it.
#pragma once
#include <assay/core/options/json.h>
#include <torch/nn/pimpl.h>

#include <concepts>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace assay::training {

/// A part given as a name ("mse"), JSON text, JSON in Keras's shape, or an object.
template <class Part>
class Argument {
 public:
  ///@{
  /// What the registry of the part is to make, later. Errors: ValueError for text that is neither a
  /// name nor JSON.
  Argument(const char* name_or_json);
  Argument(const std::string& name_or_json);
  Argument(const Json& identifier);
  Argument(const nlohmann::json& identifier);
  ///@}

  /// An object, which is shared.
  Argument(std::shared_ptr<Part> object) : object_(std::move(object)) {}

  /// An object of a class derived from the part's: a shared pointer ...
  template <std::derived_from<Part> T>
  Argument(std::shared_ptr<T> object) : object_(std::move(object)) {}
  /// ... the object itself, where it can be moved ...
  template <class T>
  requires std::derived_from<std::remove_cvref_t<T>, Part> &&
      std::move_constructible<std::remove_cvref_t<T>>
      Argument(T&& object)
      : object_(std::make_shared<std::remove_cvref_t<T>>(std::forward<T>(object))) {}
  /// ... or a module holder, as losses come in.
  template <class Impl>
  requires std::derived_from<Impl, Part> Argument(const torch::nn::ModuleHolder<Impl>& holder)
      : object_(holder.ptr()) {}

  /// The object, or null where a name or JSON was given.
  const std::shared_ptr<Part>& object() const { return object_; }
  /// The name or JSON; only where there is no object.
  const Json& identifier() const { return *identifier_; }

 private:
  std::shared_ptr<Part> object_;
  std::shared_ptr<const Json> identifier_;
};

}  // namespace assay::training
