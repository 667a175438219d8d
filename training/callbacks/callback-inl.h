// SPDX-License-Identifier: Apache-2.0
// Definitions of CallbackOf, for the one source that defines a callback. That source instantiates
// it explicitly: what the compiler makes inline here, other sources could not link with.
#pragma once
#include <assay/core/options/config.h>
#include <assay/registry/registry-inl.h>
#include <assay/training/callbacks/callback.h>
#include <assay/training/callbacks/registry.h>

namespace assay::training::callbacks {

template <class Derived, class Options, class Base>
CallbackOf<Derived, Options, Base>::CallbackOf(Options options)
    : options_(checked(std::move(options))) {}

template <class Derived, class Options, class Base>
Json CallbackOf<Derived, Options, Base>::get_config() const {
  return fields_of<Options>().to_config(&options_);
}

}  // namespace assay::training::callbacks
