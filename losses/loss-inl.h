// SPDX-License-Identifier: Apache-2.0
// Definitions of LossOf, for the one source that defines a loss.
#pragma once
#include <assay/core/options/config.h>
#include <assay/losses/loss.h>
#include <assay/losses/registry.h>
#include <assay/registry/registry-inl.h>

namespace assay::losses {

// `used`, since an instantiation that is inlined everywhere here leaves no symbol for users to
// link.
template <class Derived, class Options>
[[gnu::used]] LossOf<Derived, Options>::LossOf(Options options)
    : Loss(options.name, options.reduction, options.dtype), options_(checked(std::move(options))) {}

template <class Derived, class Options>
Json LossOf<Derived, Options>::get_config() const {
  return fields_of<Options>().to_config(&options_);
}

template <class Derived, class Options>
std::optional<IntegerOrList> LossOf<Derived, Options>::value_axes() const {
  if constexpr (requires { options_.axis; }) {
    return IntegerOrList(options_.axis);
  } else {
    return Loss::value_axes();
  }
}

template <class Derived, class Options>
std::shared_ptr<torch::nn::Module> LossOf<Derived, Options>::clone(
    const std::optional<torch::Device>&) const {
  return std::make_shared<Derived>(options_);
}

template <class Derived, class Options>
void LossOf<Derived, Options>::pretty_print(std::ostream& stream) const {
  stream << class_name() << "(" << get_config().dump() << ")";
}

}  // namespace assay::losses
