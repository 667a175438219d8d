// SPDX-License-Identifier: Apache-2.0
// Definitions of LayerOf, for the one source that defines a layer.
#pragma once
#include <assay/core/options/config.h>
#include <assay/registry/registry-inl.h>
#include <assay/training/layers/layer.h>
#include <assay/training/layers/registry.h>
#include <assay/training/layers/weights.h>

namespace assay::training::layers {

template <class Derived, class Options>
LayerOf<Derived, Options>::LayerOf(Options options)
    : Layer(Options::class_name), options_(checked(std::move(options))) {}

template <class Derived, class Options>
Json LayerOf<Derived, Options>::get_config() const {
  return fields_of<Options>().to_config(&options_);
}

template <class Derived, class Options>
std::shared_ptr<torch::nn::Module> LayerOf<Derived, Options>::clone(
    const std::optional<torch::Device>& device) const {
  auto copy = std::make_shared<Derived>(options_);
  copy_weights(*this, *copy, device);
  return copy;
}

template <class Derived, class Options>
void LayerOf<Derived, Options>::pretty_print(std::ostream& stream) const {
  stream << class_name() << "(" << get_config().dump() << ")";
}

}  // namespace assay::training::layers
